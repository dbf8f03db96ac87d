import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Containerd } from '../containerd/connect.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import type { Logger } from '../logger.ts';
import type { DataRoot } from '../storage/data-root.ts';
import { endAbandonedSteps } from './abandoned-steps.ts';
import { BuildDaemon } from './build-daemon.ts';
import { buildImage, type BuildOptions } from './build.ts';
import { cacheUsage, pruneCache } from './cache.ts';
import type { PruneCache } from './prune-rule.ts';
import { certificateFolders } from './certificate-folders.ts';
import { openStepNetworks, stepNetworkConfig, type StepNetworksOptions } from './step-networks.ts';
import { daemonConfig, daemonEnvironment, type BuildSettings } from './daemon-config.ts';
import { forwardControl } from './forward-control.ts';
import { forwardSession } from './forward-session.ts';
import { noteExport } from './note-export.ts';
import { hasPrograms, programIn } from './program.ts';
import { RunningBuilds } from './running-builds.ts';

/** Everything that the engine can do with builds. Disposing ends what is being built. */
export interface Builder extends AsyncDisposable {
  /** Is there a BuildKit on this machine? */
  isThere(): Promise<boolean>;
  build(options: BuildOptions): Promise<void>;
  cancel(buildId: string): void;
  /** BuildKit's control API on the connection that `open` takes over, once BuildKit is there. */
  control(open: () => Duplex): Promise<void>;
  /** A client's session; `headers` name it and say what the client serves. */
  session(headers: Record<string, string | string[]>, open: () => Duplex): Promise<void>;
  cacheUsage(): Promise<object[]>;
  pruneCache(request: PruneCache): Promise<object>;
}

export interface BuilderOptions {
  containerd: Pick<Containerd, 'tasks' | 'containers'>;
  containerdAddress: string;
  namespace: string;
  /** Folder with buildkitd. */
  programs: string;
  images: Images;
  events: EventPublisher;
  root: DataRoot;
  settings: BuildSettings;
  /** Folders like /etc/docker/certs.d. */
  certificateDirs: readonly string[];
  /** Address by which containers reach the host. */
  hostGateways: () => readonly string[];
  networks: StepNetworksOptions['networks'];
  namespaceOf: StepNetworksOptions['namespaceOf'];
  log: Logger;
}

const idleMs = 60_000;

export async function createBuilder(options: BuilderOptions): Promise<Builder> {
  const { root, containerd, images, events, settings, certificateDirs, hostGateways, log } = options;
  const { builder: paths } = root;
  const runtime = { tasks: containerd.tasks, specs: containerd.containers };
  const steps = await openStepNetworks({
    ...{ networks: options.networks, namespaceOf: options.namespaceOf, resolvers: settings.dns },
    ...{ socket: paths.networkSocket, namespaces: path.join(paths.state, 'net/cni') },
  });
  const cleanUp = async () => {
    await endAbandonedSteps(runtime);
    await steps.closeAll();
  };
  const prepare = async () => {
    const network = { config: paths.networkConfig, programs: options.programs };
    const host = { certificates: await certificateFolders(certificateDirs), hostGateways: hostGateways(), network };
    await writeFile(network.config, stepNetworkConfig(paths.networkSocket), { mode: 0o600 });
    await writeFile(paths.config, daemonConfig(settings, host), { mode: 0o600 });
  };
  const daemon = new BuildDaemon({
    ...{ programs: options.programs, containerdAddress: options.containerdAddress, namespace: options.namespace },
    ...{ root: paths.state, socket: paths.socket, logFile: paths.log, configFile: paths.config },
    ...{ environment: daemonEnvironment(settings), idleMs, log, prepare, cleanUp },
  });
  const running = new RunningBuilds();
  const notes = { images, events, log };
  const cache = { daemon, events, root: paths.state };
  await cleanUp();
  await rm(paths.contexts, { recursive: true, force: true });
  const contexts = { program: programIn(options.programs, 'context-session'), folder: paths.contexts };
  const deps = { daemon, images, events, running, hostGateways, hostnameFor: steps.hostnameFor, contexts };
  return {
    isThere: () => hasPrograms(options.programs),
    build: (build) => buildImage(deps, build),
    cancel: (buildId) => running.cancel(buildId),
    control: (open) =>
      daemon.use(({ socket }) => forwardControl({ client: open(), socket, solved: (made) => noteExport(notes, made) })),
    session: (headers, open) => daemon.use(({ socket }) => forwardSession({ client: open(), headers, socket })),
    cacheUsage: () => cacheUsage(cache),
    pruneCache: (request) => pruneCache(cache, request),
    async [Symbol.asyncDispose]() {
      running.cancelAll();
      await daemon[Symbol.asyncDispose]();
      await steps[Symbol.asyncDispose]();
    },
  };
}
