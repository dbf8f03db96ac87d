import { once } from 'node:events';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { updateRequest } from '../../api/engine/update-request.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { olderThan } from '../api-version.ts';
import { clientLeft } from '../client-left.ts';
import { readOptionalJson } from '../json-body.ts';
import { sendJson } from '../json-reply.ts';
import { flag } from '../query.ts';
import { referenceOf } from './containers.ts';

/** Watching and changing a container while it runs: stats and update. */
export function containerLiveRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  app.get('/containers/:id/stats', stats);
  app.post('/containers/:id/update', update);

  async function stats(request: FastifyRequest, reply: FastifyReply) {
    const container = containers.get(referenceOf(request));
    const stream = flag(request, 'stream', true);
    const oneShot = !olderThan(request, '1.41') && flag(request, 'one-shot');
    if (stream && oneShot) throw new InvalidParameterError('cannot have stream=true and one-shot=true');
    const lines = containers.stats(container, { options: { stream, oneShot }, signal: clientLeft(reply) });
    if (!stream) return await sendOnly(reply, lines);
    await sendAll(reply, lines);
  }

  async function update(request: FastifyRequest, reply: FastifyReply) {
    const asked = (await readOptionalJson(request, updateRequest)) ?? updateRequest.zero();
    if (olderThan(request, '1.40')) asked.PidsLimit = null;
    if (!olderThan(request, '1.42')) asked.KernelMemory = 0;
    const change = containers.checkUpdate(asked);
    await containers.update(containers.get(referenceOf(request)), change);
    return sendJson(reply, { Warnings: change.warnings.length > 0 ? change.warnings : null });
  }
}

async function sendOnly(reply: FastifyReply, lines: AsyncGenerator<string>): Promise<FastifyReply> {
  const { value } = (await lines.next()) as { value: string | undefined };
  return reply.type('application/json').send(Buffer.from(value ?? ''));
}

/** dockerd names no content type here. */
async function sendAll(reply: FastifyReply, lines: AsyncGenerator<string>): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  raw.flushHeaders();
  for await (const line of lines) {
    if (raw.destroyed) return;
    if (!raw.write(line)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
  }
  raw.end();
}
