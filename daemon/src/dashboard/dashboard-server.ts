import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from '../api/page-policy.ts';
import { readPages, type Page } from '../api/pages.ts';
import { createControlApp } from '../server/control/app.ts';
import { controlRoutes, type ControlRoutes } from '../server/control/routes.ts';
import { closeServer } from '../server/listen.ts';
import { refusal } from './security.ts';
import { DashboardSessions } from './sessions.ts';

export interface DashboardOptions extends Pick<ControlRoutes, 'handlers' | 'streams'> {
  /** Folder of the built pages. */
  pagesDir: string;
}

export interface DashboardServer extends AsyncDisposable {
  /** A link that opens once, within a minute. */
  link(): string;
}

const cookieName = 'berth';

/** Serves the pages and the control API on a port of 127.0.0.1, to browsers that come with a link's token only. */
export async function startDashboard({ pagesDir, ...control }: DashboardOptions): Promise<DashboardServer> {
  const pages = await readPages(pagesDir);
  const sessions = new DashboardSessions();
  const { app, connections } = await createControlApp((_request, client) => client.destroy());
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(pageHeaders);
    const why = refusal(factsOf(request), authorityOf(app));
    if (why !== null) return reply.status(403).send({ message: why });
    return undefined;
  });
  app.get<{ Querystring: { token?: string } }>('/open', (request, reply) =>
    open(reply, sessions, String(request.query.token ?? '')),
  );
  await app.register(async (scope) => sessionRoutes(scope, { sessions, pages, control }), { prefix: '/s/:session' });
  await app.ready();
  app.server.listen({ host: '127.0.0.1', port: 0 });
  await once(app.server, 'listening');
  return {
    link: () => `http://${authorityOf(app)}/open?token=${sessions.issue()}`,
    [Symbol.asyncDispose]: async () => {
      await closeServer(app.server, connections);
      await app.close();
    },
  };
}

interface SessionScope {
  sessions: DashboardSessions;
  pages: ReadonlyMap<string, Page>;
  control: Pick<ControlRoutes, 'handlers' | 'streams'>;
}

/** Everything below a session's path asks for its cookie first. */
function sessionRoutes(app: FastifyInstance, { sessions, pages, control }: SessionScope): void {
  app.addHook('onRequest', async (request, reply) => {
    const { session } = request.params as { session: string };
    if (sessions.isOpen(session, cookieOf(request))) return undefined;
    return reply.status(401).send({ message: 'this link is used up: `berth dashboard` makes a new one' });
  });
  controlRoutes(app, control);
  app.get('/*', (request, reply) => {
    const name = (request.params as { '*': string })['*'] || 'index.html';
    const page = pages.get(name);
    if (!page) return reply.status(404).send({ message: `there is no ${name}` });
    return reply.type(page.type).send(page.body);
  });
}

/** Lets a browser in. It goes on by itself, since a redirect would count as coming from where the link was. */
function open(reply: FastifyReply, sessions: DashboardSessions, token: string): FastifyReply {
  const admission = sessions.admit(token);
  if (!admission)
    return reply.status(401).type('text/plain').send('This link is used up: `berth dashboard` makes a new one.\n');
  const path = `/s/${admission.id}/`;
  const cookie = `${cookieName}=${admission.secret}; Path=${path}; HttpOnly; SameSite=Strict`;
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url=${path}"><title>berth</title>`;
  return reply.header('Set-Cookie', cookie).type('text/html; charset=utf-8').send(page);
}

function cookieOf({ headers }: FastifyRequest): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === cookieName)?.[1] ?? '';
}

function factsOf({ raw, headers }: FastifyRequest) {
  return {
    method: raw.method ?? 'GET',
    isWebSocket: headers.upgrade !== undefined,
    host: headers.host,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site'] as string | undefined,
  };
}

function authorityOf(app: FastifyInstance): string {
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}
