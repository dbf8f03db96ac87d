import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { connectContainerd } from '../../containerd/connect.ts';
import { createImages, type RegistrySettings } from '../../images/images.ts';
import type { ImageUser } from '../../images/image-use.ts';
import { createLogger } from '../../logger.ts';
import { Volumes } from '../../volumes/volumes.ts';
import { authRoutes } from '../routes/auth.ts';
import { distributionRoutes } from '../routes/distribution.ts';
import { imageRoutes } from '../routes/images.ts';
import { volumeRoutes } from '../routes/volumes.ts';
import { createEngineServer } from '../server.ts';

/**
 * A process that serves images and volumes and nothing else, for tests: `node image-engine.ts CONFIG.json`.
 * Which containers there are is read from a file at each question; events are appended to another.
 */
interface Config {
  containerdAddress: string;
  socket: string;
  volumesDir: string;
  usersFile: string;
  eventsFile: string;
  /** What daemon.json would say. */
  registry?: Partial<RegistrySettings>;
}

interface Users {
  images: ImageUser[];
  volumes: Record<string, string[]>;
}

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Config;
const users = (): Users => JSON.parse(readFileSync(config.usersFile, 'utf8')) as Users;
const events = { publish: (event: object) => appendFileSync(config.eventsFile, `${JSON.stringify(event)}\n`) };
const log = createLogger('warn');

const containerd = connectContainerd({ address: config.containerdAddress, namespace: 'moby' });
await containerd.waitUntilReady({ timeoutMs: 10_000 });
const registry = {
  ...{ userAgent: 'berth-test', insecureRegistries: [], maxConcurrentDownloads: 3, maxDownloadAttempts: 5 },
  ...config.registry,
};
const images = createImages({ containerd, log, events, registry, use: { containers: () => users().images } });
const volumes = await Volumes.open({
  root: config.volumesDir,
  events,
  use: { containersUsing: (name) => users().volumes[name] ?? [] },
});
const routes = [imageRoutes, distributionRoutes, authRoutes].map(
  (register) => (app: Parameters<typeof imageRoutes>[0]) => register(app, { images }),
);
const app = createEngineServer({
  log,
  product: 'berth-test',
  routes: [...routes, (engine) => volumeRoutes(engine, { volumes })],
});
rmSync(config.socket, { force: true });
await app.listen({ path: config.socket });
console.log('ready');

process.once('SIGTERM', () => {
  void (async () => {
    await app.close();
    await images[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    process.exit(0);
  })();
});
