import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidParameterError, SystemError } from '../../api/errors.ts';
import type { Builder } from '../../builder/builder.ts';
import { hijack, isUpgrade } from '../hijack.ts';

/** Where BuildKit's own clients (buildx, compose, bake) come in: HTTP/2 behind an upgrade. */
export function buildSessionRoutes(app: FastifyInstance, { builder }: { builder: Builder }): void {
  app.post('/grpc', grpc);
  app.post('/session', session);

  async function grpc(request: FastifyRequest, reply: FastifyReply) {
    const problem = protocolProblem(request);
    if (problem !== null) throw new SystemError(problem);
    await builder.control(() => hijack(request, reply));
  }

  async function session(request: FastifyRequest, reply: FastifyReply) {
    const problem = protocolProblem(request);
    if (problem !== null) throw new InvalidParameterError(problem);
    const headers = sessionHeaders(request);
    await builder.session(headers, () => hijack(request, reply));
  }
}

function protocolProblem(request: FastifyRequest): string | null {
  const protocol = request.headers.upgrade ?? '';
  if (!isUpgrade(request) || protocol === '') return 'no upgrade proto in request';
  return protocol === 'h2c' ? null : `protocol ${protocol} not supported`;
}

const prefix = 'x-docker-expose-session-';

function sessionHeaders(request: FastifyRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const { rawHeaders } = request.raw;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index]?.toLowerCase() ?? '', rawHeaders[index + 1] ?? ''];
    if (name.startsWith(prefix)) headers[name] = [...[headers[name] ?? []].flat(), value];
  }
  if (!headers[`${prefix}uuid`]) throw new InvalidParameterError(`${prefix}uuid: the session's id is missing`);
  return headers;
}
