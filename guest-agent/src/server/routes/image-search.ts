import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { Images } from '../../images/images.ts';
import { clientLeft } from '../client-left.ts';
import { sendJson } from '../json-reply.ts';
import { text } from '../query.ts';
import { registryAuth } from './image-create.ts';

/** GET /images/search */
export async function searchImages(images: Images, request: FastifyRequest, reply: FastifyReply) {
  const results = await images.search({
    term: text(request, 'term'),
    limit: limitOf(text(request, 'limit')),
    filters: parseFilters(text(request, 'filters')),
    credentials: registryAuth(request),
    signal: clientLeft(reply),
  });
  return sendJson(reply, results);
}

function limitOf(value: string): number {
  if (value === '') return 0;
  if (/^[+-]?\d+$/.test(value)) return Number(value);
  throw new InvalidParameterError(
    `invalid limit specified: strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
  );
}
