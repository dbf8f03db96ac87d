import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Images } from '../../images/images.ts';
import { parseNamed, repoTagReference } from '../../images/reference.ts';
import { olderThan } from '../api-version.ts';
import { streamJson } from '../json-stream.ts';
import { decodePlatform } from '../platform-parameter.ts';
import { text } from '../query.ts';
import { registryAuth } from './image-create.ts';

/** POST /images/{name}/push */
export async function pushImage(
  images: Images,
  name: string,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const tag = text(request, 'tag');
  const reference = (tag === '' ? undefined : repoTagReference(name, tag)) ?? parseNamed(name);
  const platform = olderThan(request, '1.46') ? undefined : decodePlatform(text(request, 'platform'));
  const credentials = registryAuth(request);
  await streamJson(reply, (write, signal) => images.push(reference, { platform, credentials, write, signal }));
}
