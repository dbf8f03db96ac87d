import { availableParallelism } from 'node:os';
import type { Environment } from './config/env.ts';
import { dockerPlaces } from './config/docker-places.ts';
import { findInstallation } from './config/installation.ts';
import { makeHome, type Paths } from './config/paths.ts';
import { readSettingsFile, sharedFolders, startsOnRequest, updateSettingsFile } from './config/settings-file.ts';
import { HostFiles } from './files/host-files.ts';
import { attachGuest } from './guest/attach.ts';
import { AgentPools } from './guest/agent-pool.ts';
import type { Logger } from './logger.ts';
import { ownLoginItem } from './login/own-login-item.ts';
import { planMachine } from './plan.ts';
import { platform } from './platform/platform.ts';
import { serveControl } from './control.ts';
import { EngineClient } from './engine/engine-client.ts';
import { EventHub } from './events/event-hub.ts';
import { SettingsService } from './settings/settings-service.ts';
import { DockerSockets } from './server/docker-sockets.ts';
import { type EngineServer, startEngineServer } from './server/engine-server.ts';
import { machineStatus, warningsOf } from './status.ts';
import { createDrivers, hasVirtiofs, type DriverSet } from './vm/drivers.ts';
import { instanceFiles } from './vm/instance-dir.ts';
import { MachineStore } from './vm/machine-store.ts';
import { Machine } from './vm/machine.ts';
import { Waker } from './vm/waker.ts';

export interface DaemonOptions {
  paths: Paths;
  environment: Environment;
  log: Logger;
  /** Instead of the ones that this installation has. */
  drivers?: DriverSet;
}

export interface Daemon extends AsyncDisposable {
  /** Resolves when a client asked the daemon to end. */
  shutdownAsked: Promise<void>;
}

/** Another daemon serves this home. */
export class HomeLockedError extends Error {
  override readonly name = 'HomeLockedError';
}

/** Composes everything and serves. Disposing it lets go of the machine, which runs on. */
export async function startDaemon({ paths, environment, log, drivers }: DaemonOptions): Promise<Daemon> {
  await using undo = new AsyncDisposableStack();
  await makeHome(paths);
  const lock = await platform.lockFile(paths.lock);
  if (!lock) throw new HomeLockedError(`another daemon serves ${paths.home}`);
  undo.use(lock);
  const store = new MachineStore(instanceFiles(paths.instanceDir).record);
  const files = undo.use(
    new HostFiles({
      folders: () => sharedFolders(paths.settings),
      attributesDir: paths.attributesDir,
      settingsFile: paths.settings,
    }),
  );
  const installation = findInstallation(environment);
  const driverSet = drivers ?? createDrivers(installation);
  const machine = undo.use(
    new Machine({
      drivers: driverSet,
      store,
      plan: (request) => planMachine(paths, request, environment),
      attach: (vm, options) => attachGuest(vm, { ...options, files, log }),
      onStarted: (request) => updateSettingsFile(paths.settings, request),
      onChange: () => events.stateChanged(machine.stateName === 'running'),
      onPhase: (phase) => events.progress(phase),
    }),
  );
  const pools = undo.use(new AgentPools(machine));
  const engine = new EngineClient(() => pools.target('engine'));
  let sockets: DockerSockets | null = null;
  const controlled = {
    status: () => machineStatus({ paths, machine, store, warnings: sockets?.warnings ?? [] }),
    start: machine.start.bind(machine),
    stop: () => machine.stop(),
  };
  const warnings = () => warningsOf(machine.running, sockets?.warnings ?? []);
  const events = undo.use(new EventHub({ status: controlled.status, engine, warnings }));
  const settings = new SettingsService({
    paths,
    machine: controlled,
    ...{ drivers: driverSet, hasVirtiofs },
    loginItem: ownLoginItem(environment, paths.home),
  });
  for (const file of await settings.recover()) log.warn({ file }, 'a change that was being tried out is taken back');
  const engineServer = undo.use(await serveEngine({ paths, machine, pools, log }));
  sockets = undo.use(await linkSockets(paths, engineServer));
  const { promise: shutdownAsked, resolve: shutdown } = Promise.withResolvers<void>();
  const guest = () => pools.target('guest');
  const { pagesDir } = installation;
  const parts = { paths, environment, machine: controlled, settings, events, engine };
  undo.use(await serveControl({ ...parts, pagesDir, shutdown, guest }));
  log.info({ home: paths.home, cpus: availableParallelism() }, 'the daemon serves');
  void restore(machine, log);
  const all = undo.move();
  return { shutdownAsked, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

interface EngineServing {
  paths: Paths;
  machine: Machine;
  pools: AgentPools;
  log: Logger;
}

function serveEngine({ paths, machine, pools, log }: EngineServing): Promise<EngineServer> {
  const waker = new Waker({
    machine,
    isWanted: () => startsOnRequest(paths.settings),
    onFailure: (error) => log.warn({ err: error }, 'the machine could not be started for a request'),
  });
  const target = () => pools.target('engine');
  return startEngineServer({ socketPath: paths.engineSocket, target, wake: () => waker.wake() });
}

/** A settings.json that cannot be read is told by the start that needs it. */
async function linkSockets(paths: Paths, server: EngineServer): Promise<DockerSockets> {
  const settings = await readSettingsFile(paths.settings).catch(() => ({}));
  const places = dockerPlaces(paths, settings);
  return DockerSockets.link(paths.engineSocket, { places, alsoListen: (pipe) => server.alsoListen(pipe) });
}

async function restore(machine: Machine, log: Logger): Promise<void> {
  try {
    const onPhase = ({ phase }: { phase: string }) => log.info({ phase }, 'restoring the machine');
    await machine.restore({ onPhase, signal: new AbortController().signal });
  } catch (error) {
    log.error({ err: error }, 'the machine that was left running could not be taken over');
  }
}
