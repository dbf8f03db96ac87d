import type { FastifyInstance } from 'fastify';
import type { StartRequest } from '../api/status.ts';
import type { AgentTarget } from '../proxy/agent-target.ts';
import { createControlApp } from './control/app.ts';
import type { ControlledMachine } from './control/handlers.ts';
import { controlRoutes, type ControlRoutes } from './control/routes.ts';
import { closeServer, listenOnSocket } from './listen.ts';
import { shellRoutes, shellUpgrade } from './routes/shell.ts';
import { sendStart } from './routes/start.ts';

/** What the control API on the home's own socket needs of the daemon. */
export interface ControlBackend extends Pick<ControlRoutes, 'handlers' | 'streams'> {
  machine: ControlledMachine;
  /** A link to the dashboard that opens once. */
  openDashboard(): Promise<string>;
  /** Begins to end the daemon, after this answer. */
  shutdown(): void;
  /** The agent's guest API. */
  guest(): AgentTarget;
}

/** Serves the control API, version 1, on a unix socket of its owner's. */
export async function startControlServer(socketPath: string, backend: ControlBackend): Promise<AsyncDisposable> {
  const { app, connections } = await createControlApp(shellUpgrade(() => backend.guest()));
  routes(app, backend);
  await app.ready();
  await listenOnSocket(app.server, socketPath);
  return {
    [Symbol.asyncDispose]: async () => {
      await closeServer(app.server, connections);
      await app.close();
    },
  };
}

/** The socket's own: what only its owner's commands do. */
function routes(app: FastifyInstance, backend: ControlBackend): void {
  const { handlers, streams, machine } = backend;
  controlRoutes(app, {
    handlers,
    streams,
    instead: {
      start: (request, reply) =>
        request.headers.accept === 'application/x-ndjson'
          ? sendStart(reply, request.body as StartRequest, machine)
          : null,
    },
  });
  app.post('/v1/dashboard', async () => ({ url: await backend.openDashboard() }));
  app.post('/v1/shutdown', async (_request, reply) => {
    reply.raw.once('close', () => backend.shutdown());
    return {};
  });
  shellRoutes(app, () => backend.guest());
}
