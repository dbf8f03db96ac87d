import { rm, writeFile } from 'node:fs/promises';
import type { Containerd } from '../containerd/connect.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import type { Logger } from '../logger.ts';
import type { DataRoot } from '../storage/data-root.ts';
import { endAbandonedSteps } from './abandoned-steps.ts';
import { BuildDaemon } from './build-daemon.ts';
import { buildImage, type BuildOptions } from './build.ts';
import { cacheUsage, pruneCache, type PruneCache } from './cache.ts';
import { daemonConfig } from './daemon-config.ts';
import { RunningBuilds } from './running-builds.ts';

/** Everything that the engine can do with builds. Disposing ends what is being built. */
export interface Builder extends AsyncDisposable {
  build(options: BuildOptions): Promise<void>;
  cancel(buildId: string): void;
  cacheUsage(): Promise<object[]>;
  pruneCache(request: PruneCache): Promise<object>;
}

export interface BuilderOptions {
  containerd: Pick<Containerd, 'tasks' | 'containers'>;
  containerdAddress: string;
  namespace: string;
  /** Folder with BuildKit's programs. */
  programs: string;
  images: Images;
  events: EventPublisher;
  root: DataRoot;
  settings: { insecureRegistries: readonly string[] };
  log: Logger;
}

const idleMs = 60_000;

export async function createBuilder(options: BuilderOptions): Promise<Builder> {
  const { root, containerd, images, events, settings, log } = options;
  const { builder: paths } = root;
  const runtime = { tasks: containerd.tasks, specs: containerd.containers };
  const prepare = async () => {
    await endAbandonedSteps(runtime);
    await writeFile(paths.config, daemonConfig(settings), { mode: 0o600 });
  };
  const daemon = new BuildDaemon({
    ...{ programs: options.programs, containerdAddress: options.containerdAddress, namespace: options.namespace },
    ...{ root: paths.state, socket: paths.socket, logFile: paths.log, configFile: paths.config },
    ...{ idleMs, log, prepare },
  });
  const running = new RunningBuilds();
  const cache = { daemon, events, root: paths.state, dockerConfig: paths.noLogins };
  await rm(paths.builds, { recursive: true, force: true });
  await endAbandonedSteps(runtime);
  return {
    build: (build) => buildImage({ daemon, images, events, running, builds: paths.builds }, build),
    cancel: (buildId) => running.cancel(buildId),
    cacheUsage: () => cacheUsage(cache),
    pruneCache: (request) => pruneCache(cache, request),
    [Symbol.asyncDispose]: () => {
      running.cancelAll();
      return daemon[Symbol.asyncDispose]();
    },
  };
}
