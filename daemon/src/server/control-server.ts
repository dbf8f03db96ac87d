import Fastify, { type FastifyInstance } from 'fastify';
import type { MachineStatus, StartRequest } from '../api/status.ts';
import { settingsSchema } from '../config/settings-file.ts';
import { describeIssue } from '../config/config-error.ts';
import type { AgentTarget } from '../proxy/agent-target.ts';
import { closeServer, listenOnSocket } from './listen.ts';
import { shellRoutes } from './routes/shell.ts';
import { sendStart, type StartBackend } from './routes/start.ts';

/** What the control API needs of the daemon. */
export interface ControlBackend extends StartBackend {
  status(): Promise<MachineStatus>;
  stop(): Promise<void>;
  /** Begins to end the daemon, after this answer. */
  shutdown(): void;
  /** The agent's guest API. */
  guest(): AgentTarget;
}

/** Serves the control API, version 1, on a unix socket of its owner's. */
export async function startControlServer(socketPath: string, backend: ControlBackend): Promise<AsyncDisposable> {
  const app = Fastify({ forceCloseConnections: true });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.status(error.statusCode ?? 500).send({ message: error.message }),
  );
  routes(app, backend);
  await app.ready();
  const connections = new Set<{ destroy(): void }>();
  app.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await listenOnSocket(app.server, socketPath);
  return {
    [Symbol.asyncDispose]: async () => {
      await closeServer(app.server, connections);
      await app.close();
    },
  };
}

function routes(app: FastifyInstance, backend: ControlBackend): void {
  app.get('/v1/status', () => backend.status());
  app.post('/v1/start', (request, reply) => sendStart(reply, parseStart(request.body), backend));
  app.post('/v1/stop', async () => {
    await backend.stop();
    return {};
  });
  app.post('/v1/shutdown', async (_request, reply) => {
    reply.raw.once('close', () => backend.shutdown());
    return {};
  });
  shellRoutes(app, () => backend.guest());
}

function parseStart(body: unknown): StartRequest {
  const result = settingsSchema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw Object.assign(describeIssue('start', result.error, body), { statusCode: 400 });
}
