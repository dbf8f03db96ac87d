import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import type { Builder } from '../../builder/builder.ts';
import { parseLogTime } from '../../containers/logs/log-time.ts';
import type { EventLog } from '../../events/event-log.ts';
import { eventLine } from '../../events/event-view.ts';
import { infoView, versionView, type SystemDependencies } from '../../system/info.ts';
import { openStream, sendJson } from '../json-reply.ts';
import { text, texts } from '../query.ts';
import { olderThan } from '../api-version.ts';
import type { ImageSummary } from '../../api/engine/image.ts';
import { diskUsage, type DiskUsageDependencies } from '../../system/disk-usage.ts';

export interface SystemRoutesOptions {
  system: SystemDependencies;
  diskUsage: DiskUsageDependencies;
  events: EventLog;
  builder: Pick<Builder, 'isThere'>;
}

export function systemRoutes(app: FastifyInstance, options: SystemRoutesOptions): void {
  const { system, events, diskUsage: usage, builder } = options;
  app.route({ method: ['GET', 'HEAD'], url: '/_ping', handler: ping });
  app.get('/version', async (_request, reply) => sendJson(reply, await versionView(system)));
  app.get('/info', info);
  app.get('/events', follow);
  app.get('/system/df', df);
  app.get('/plugins', async (_request, reply) => sendJson(reply, []));

  async function info(request: FastifyRequest, reply: FastifyReply) {
    const { FirewallBackend, ...rest } = (await infoView(system)) as Record<string, unknown>;
    return sendJson(reply, olderThan(request, '1.49') ? rest : { ...rest, FirewallBackend });
  }

  async function ping(request: FastifyRequest, reply: FastifyReply) {
    reply.headers({
      // What clients are to build with: BuildKit's own API, or the classic one, which says what is missing.
      'Builder-Version': (await builder.isThere()) ? '2' : '1',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      Swarm: 'inactive',
      'Content-Type': 'text/plain; charset=utf-8',
    });
    return reply.send(request.method === 'HEAD' ? '' : 'OK');
  }

  async function df(request: FastifyRequest, reply: FastifyReply) {
    const types = olderThan(request, '1.42') ? [] : texts(request, 'type');
    const { Images, ...rest } = await diskUsage(usage, types);
    const { LayersSize, ...others } = rest;
    return sendJson(reply, { LayersSize, Images: Images && dfImages(request, Images), ...others });
  }

  async function follow(request: FastifyRequest, reply: FastifyReply) {
    const filters = parseFilters(text(request, 'filters'));
    const query = { filters, sinceNs: time(request, 'since'), untilNs: time(request, 'until') };
    const { raw } = reply;
    openStream(reply);
    const stop = events.follow(query, (event) => raw.write(eventLine(event)));
    const timer = query.untilNs === null ? undefined : setTimeout(() => raw.end(), remainingMs(query.untilNs));
    raw.once('close', () => {
      stop();
      clearTimeout(timer);
    });
  }

  function remainingMs(untilNs: bigint): number {
    return Math.min(2 ** 31 - 1, Math.max(0, Number((untilNs - system.clock()) / 1_000_000n)));
  }
}

/** Unlike the logs, events take 0 for the epoch. */
const time = (request: FastifyRequest, name: string): bigint | null =>
  text(request, name) === '0' ? 0n : parseLogTime(text(request, name));

const dfImages = (request: FastifyRequest, images: ImageSummary[]): object[] =>
  olderThan(request, '1.44') ? images.map((image) => ({ ...image, VirtualSize: image.Size })) : images;
