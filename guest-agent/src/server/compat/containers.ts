import type { FastifyRequest } from 'fastify';
import type { ContainerSummary } from '../../containers/views/summary-view.ts';
import { olderThan } from '../api-version.ts';

/** GET /containers/json as the client's API version knows it. */
export function summariesFor(request: FastifyRequest, summaries: ContainerSummary[]): ContainerSummary[] {
  if (!olderThan(request, '1.48')) return summaries;
  return summaries.map(({ ImageManifestDescriptor: _, ...summary }) => ({
    ...summary,
    ...(olderThan(request, '1.46') && { HostConfig: { NetworkMode: summary.HostConfig.NetworkMode } }),
  }));
}
