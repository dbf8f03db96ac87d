import type { FastifyRequest } from 'fastify';
import type { ImageInspect, ImageSummary } from '../../api/engine/image.ts';
import { olderThan } from '../api-version.ts';

/** GET /images/json as the client's API version knows it. */
export function summariesFor(request: FastifyRequest, summaries: ImageSummary[]): ImageSummary[] {
  return summaries.map((summary) => {
    const nameless = summary.RepoTags.length === 0 && summary.RepoDigests.length === 0;
    return {
      ...withoutDescriptor(request, summary),
      ...(olderThan(request, '1.51') && { Containers: -1 }),
      ...(olderThan(request, '1.44') && { VirtualSize: summary.Size }),
      ...(olderThan(request, '1.43') && nameless && { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }),
    };
  });
}

/** Fields of a container's configuration that images showed until API 1.49. */
const containerFields = {
  AttachStderr: false,
  AttachStdin: false,
  AttachStdout: false,
  Domainname: '',
  Hostname: '',
  Image: '',
  OpenStdin: false,
  StdinOnce: false,
  Tty: false,
};

/** GET /images/{name}/json as the client's API version knows it. */
export function inspectFor(request: FastifyRequest, inspect: ImageInspect): ImageInspect {
  return {
    ...withoutDescriptor(request, inspect),
    ...(olderThan(request, '1.50') && { Config: { ...containerFields, ...inspect.Config } }),
    ...(olderThan(request, '1.44') && {
      VirtualSize: inspect.Size,
      Created: inspect.Created ?? '0001-01-01T00:00:00Z',
    }),
  };
}

function withoutDescriptor<T extends { Descriptor?: unknown }>(request: FastifyRequest, value: T): T {
  if (!olderThan(request, '1.48')) return value;
  const { Descriptor: _, ...rest } = value;
  return rest as T;
}
