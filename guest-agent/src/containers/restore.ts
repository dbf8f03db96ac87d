import { TaskStatus, type Process } from '../containerd/tasks.ts';
import { hasTask, isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { Unfinished } from './container-store.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { handleExit } from './handle-exit.ts';
import { networkNames } from './network-names.ts';
import { openLog } from './logs/open-log.ts';
import { endTask } from './release-task.ts';
import { taskEnd, unknownExit } from './reconcile.ts';
import { removeLocked } from './remove.ts';
import { startsAtBoot } from './restart-policy.ts';
import { callOffRestart, scheduleRestart } from './scheduled-restart.ts';
import { sweep } from './sweep.ts';
import { startContainer, streamsRequest } from './start.ts';
import { closeSharedMemory } from './start-steps/shared-memory.ts';
import { ProcessStreams } from './stdio/process-streams.ts';

/**
 * Brings every container to what containerd says of its task; to be run once, before clients are served. `isBoot`: the
 * machine has come up, as opposed to the agent alone.
 */
export async function restoreContainers(deps: ContainerDependencies, isBoot: boolean): Promise<void> {
  const tasks = new Map((await deps.tasks.list()).map((task) => [task.id, task]));
  for (const creation of deps.store.unfinished()) await undoCreation(deps, creation);
  for (const container of deps.store.all()) {
    await restoreOne(deps, container, { task: tasks.get(container.id), isBoot }).catch((error: unknown) => {
      deps.log.error({ err: error, container: container.id }, 'container could not be restored');
    });
  }
  await sweep(deps);
}

async function undoCreation(deps: ContainerDependencies, creation: Unfinished): Promise<void> {
  await deps.rootfs.remove(creation.id);
  for (const volume of creation.volumes) await deps.volumes.remove(volume, true);
  await deps.store.forgetUnfinished(creation);
}

/** A container cannot link to a younger one, so age is the order in which links can be followed. */
const oldestFirst = (containers: readonly Container[]): Container[] =>
  containers.toSorted((a, b) => (a.record.created < b.record.created ? -1 : 1));

/** Starts what is to run from boot on. */
export async function startAtBoot(deps: ContainerDependencies): Promise<void> {
  const waiting = deps.store
    .all()
    .filter(
      ({ state, record }) =>
        !isRunning(state) && state.phase !== 'removing' && startsAtBoot(record.hostConfig.RestartPolicy, state),
    );
  const start = (container: Container) =>
    startContainer(deps, container).catch((error: unknown) =>
      deps.log.warn({ err: error, container: container.id }, 'start at boot failed'),
    );
  // Those that links lead to have to run before those that have the links.
  const isLinking = ({ record }: Container) => Boolean(record.links?.length);
  await Promise.all(waiting.filter((container) => !isLinking(container)).map(start));
  for (const container of oldestFirst(waiting.filter(isLinking))) await start(container);
}

interface Found {
  task: Process | undefined;
  isBoot: boolean;
}

async function restoreOne(deps: ContainerDependencies, container: Container, { task, isBoot }: Found): Promise<void> {
  const { state, record } = container;
  if (state.phase === 'removing' || state.phase === 'dead') {
    if (task) await endTask(deps, container.id);
    const { removesVolumes = false } = state;
    return await container.lock.run(() => removeLocked(deps, container, { removeVolumes: removesVolumes }));
  }
  if (task && hasTask(state)) {
    await leaveUnknownNetworks(deps, container);
    return await adopt(deps, container, task);
  }
  if (task) await endTask(deps, container.id);
  if (hasTask(state)) return await lost(deps, container, isBoot);
  await deps.networks.close(container.id);
  await closeSharedMemory(container);
  await deps.ports.release({ containerId: container.id }).catch(noHostYet);
  if (state.phase === 'restarting' && isBoot) callOffRestart(container);
  else if (state.phase === 'restarting') scheduleRestart(deps, container, container.restartDelayMs);
  else if (record.hostConfig.AutoRemove && (state.phase === 'exited' || state.startAttempted)) {
    await container.lock.run(() => removeLocked(deps, container, { removeVolumes: true }));
  }
}

/** A connect that nobody was told of: the container is in a network that its record does not name. */
async function leaveUnknownNetworks({ networks }: ContainerDependencies, { id, record }: Container): Promise<void> {
  const known = new Set(networkNames(record).map((name) => networks.findMaybe(name)?.id));
  for (const { networkId } of networks.sandboxOf(id)?.endpoints ?? []) {
    if (!known.has(networkId)) await networks.detach(id, networkId);
  }
}

/** The daemon is told what is published once it connects. */
const noHostYet = () => undefined;

/** The task ran on without us: its streams are taken up again, or its end is dealt with. */
async function adopt(deps: ContainerDependencies, container: Container, process: Process): Promise<void> {
  const streams = ProcessStreams.reopen(streamsRequest(container));
  const log = await openLog(deps, container, { connect: false });
  if (log) streams.output.subscribe(log);
  container.task = { pid: process.pid, streams, log, oomKilled: false };
  // Frozen by a step that a crash cut off: nobody was told, so it never happened.
  const isForgotten = process.status === TaskStatus.PAUSED && container.state.phase !== 'paused';
  if (isForgotten) await deps.tasks.resume(container.id);
  for (const mount of container.record.mounts) {
    if (mount.type === 'volume') await deps.volumes.mount(mount.name, container.id);
  }
  container.update((old) => ({
    ...old,
    pid: process.pid,
    phase: process.status === TaskStatus.PAUSED && !isForgotten ? 'paused' : 'running',
  }));
  const end = taskEnd(deps, process);
  if (!end && container.state.phase === 'running') deps.health.begin(container);
  if (end) await handleExit(deps, container, end);
}

/** The task is gone: the machine went down, or containerd lost it. */
async function lost(deps: ContainerDependencies, container: Container, isFinal: boolean): Promise<void> {
  await deps.networks.close(container.id);
  const streams = ProcessStreams.closed();
  container.task = { pid: container.state.pid, streams, log: null, oomKilled: false };
  const { pid } = container.state;
  await handleExit(deps, container, { pid, exitCode: unknownExit, atNs: deps.clock(), isFinal });
}
