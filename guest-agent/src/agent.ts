import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { guestServices } from './guest-services.ts';
import { createGuestServer, type GuestServer } from './guest/guest-server.ts';
import { ensureProfile, hasAppArmor } from './containers/apparmor/apparmor.ts';
import { defaultProfileName } from './containers/apparmor/default-profile.ts';
import { createEngine, type Engine } from './engine.ts';
import type { AgentConfig } from './config.ts';
import { startLink } from './link/link.ts';
import type { Logger } from './logger.ts';
import { engineVersion } from './product.ts';
import { createEngineServer } from './server/server.ts';
import { engineRoutes } from './server/routes/all.ts';
import { FileStreams } from './shares/file-streams.ts';
import type { DataRoot } from './storage/data-root.ts';
import { openDataRoot } from './storage/open-data-root.ts';
import { JsonFile } from './storage/json-store.ts';
import { remappedRoot } from './userns/remapped-root.ts';

/** The agent, up and serving. Disposing it leaves the containers running: the next one takes them over. */
export type Agent = AsyncDisposable;

const bootWaitForHostMs = 15_000;

export async function startAgent(config: AgentConfig, log: Logger): Promise<Agent> {
  await using stack = new AsyncDisposableStack();
  const identity = await remappedRoot(String(config.engineConfig['userns-remap'] ?? ''));
  const root = await openDataRoot(config, identity);
  let served: Engine | null = null;
  const streams = new FileStreams();
  const guest = stack.use(
    createGuestServer({ services: guestServices(() => served), filesFor: (id) => streams.waitingFor(id) }),
  );
  await guest.listen(config.guestSocket);
  const host = { services: () => guest.host, connected: (signal: AbortSignal) => guest.whenConnected(signal) };
  const engine = stack.use(
    await createEngine({ config, root, identity, log, host, streams, engineId: await engineId(root) }),
  );
  const server = createEngineServer({ log, product: `berth/${engineVersion} (linux)`, routes: engineRoutes(engine) });
  stack.defer(() => server.close());
  // Restoring mostly waits for other programs: the server is put together meanwhile.
  await Promise.all([engine.life.restore(), server.ready()]);
  served = engine;
  await listen(server, config.engineSocket);
  if (config.link) {
    const engineStream = (stream: Duplex) => void server.server.emit('connection', stream);
    stack.use(await startLink(config.link, { engine: engineStream, guest: (stream) => guest.accept(stream) }));
  }
  void startWaiting(engine, guest, log).then(() => loadProfile(log));
  const owned = stack.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Containers that are to run from boot on may publish ports: the host comes first, but not for ever. */
async function startWaiting(engine: Engine, guest: GuestServer, log: Logger): Promise<void> {
  await guest.whenConnected(AbortSignal.timeout(bootWaitForHostMs)).catch(() => log.warn('no host daemon yet'));
  await engine.life.startAtBoot().catch((error: unknown) => {
    log.error({ err: error }, 'not all containers that were to run were started');
  });
}

/** Before the first container wants it, as making it takes a while, but not before the host has its first answers. */
async function loadProfile(log: Logger): Promise<void> {
  if (!hasAppArmor()) return;
  await ensureProfile(defaultProfileName).catch((error: unknown) =>
    log.error({ err: error }, 'no default AppArmor profile yet'),
  );
}

async function listen(app: FastifyInstance, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  app.server.listen(socketPath);
  await once(app.server, 'listening');
  await chmod(socketPath, 0o600);
}

/** Identifies this engine for as long as its data lives. */
async function engineId(root: DataRoot): Promise<string> {
  const file = new JsonFile<string>(root.engineId, 1);
  const existing = await file.read();
  if (existing !== null) return existing;
  const id = randomUUID();
  file.write(id, { durable: true });
  return id;
}
