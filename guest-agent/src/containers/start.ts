import { mkdir } from 'node:fs/promises';
import { ConflictError, NotModifiedError } from '../api/index.ts';
import { AlreadyExistsError } from '../containerd/errors.ts';
import { ensureProfile } from './apparmor/apparmor.ts';
import { containerEvent } from './container-events.ts';
import { isRunning, started, startFailed } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { openLog } from './logs/open-log.ts';
import { requestedDevices } from './devices/requested-devices.ts';
import { linkEnvironment } from './links/link-environment.ts';
import { buildSpec } from './oci-spec/build.ts';
import type { OciSpec } from './oci-spec/oci.ts';
import { ignoreMissing } from './release-task.ts';
import { removeLocked } from './remove.ts';
import { runtimeOf } from './runtimes/oci-runtime.ts';
import { createTask } from './start-steps/create-task.ts';
import { joinNetworks } from './start-steps/networking.ts';
import { openUsers } from './start-steps/own-users.ts';
import { publishPorts } from './start-steps/publish-ports.ts';
import { prepareMounts } from './start-steps/prepare-mounts.ts';
import { readAccounts } from './start-steps/read-accounts.ts';
import { openSharedMemory } from './start-steps/shared-memory.ts';
import { sharedNamespaces } from './start-steps/shared-namespaces.ts';
import { translateStartError } from './start-steps/start-error.ts';
import { ProcessStreams, type StreamsRequest } from './stdio/process-streams.ts';
import type { Task } from './task.ts';

/** Starts on somebody's request; NotModifiedError when it runs already, or waits for its next run. */
export function startContainer(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    const { state } = container;
    if (state.phase === 'paused') throw new ConflictError('cannot start a paused container, try unpause instead');
    if (isRunning(state)) throw new NotModifiedError('container is already running');
    await startAfresh(deps, container);
  });
}

/** As {@link startContainer}, content when somebody else has started it meanwhile. */
export function startUnlessRunning(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    if (!isRunning(container.state)) await startAfresh(deps, container);
  });
}

async function startAfresh(deps: ContainerDependencies, container: Container): Promise<void> {
  const { phase } = container.state;
  if (container.removing || phase === 'removing' || phase === 'dead') {
    throw new ConflictError('container is marked for removal and cannot be started');
  }
  container.update((old) => ({ ...old, stoppedByUser: false, restartCount: 0, startAttempted: true }));
  container.restartDelayMs = 0;
  await deps.fault?.('start:after-state', container.id);
  await startLocked(deps, container);
}

/** The start itself; the caller holds the container's lock. A failure leaves nothing behind but the reason. */
export async function startLocked(deps: ContainerDependencies, container: Container): Promise<void> {
  try {
    await attempt(deps, container);
  } catch (error) {
    if (container.record.hostConfig.AutoRemove) await removeLocked(deps, container, { removeVolumes: true });
    throw error;
  }
  deps.events.publish(containerEvent(container, 'start'));
}

async function attempt(deps: ContainerDependencies, container: Container): Promise<void> {
  const undo = new AsyncDisposableStack();
  try {
    const task = await launch(deps, container, undo);
    container.task = task;
    container.update(started(task.pid, deps.clock()));
    await deps.fault?.('start:after-running', container.id);
    deps.health.begin(container);
    undo.move();
  } catch (error) {
    const failure = translateStartError(error);
    container.task = null;
    container.note(startFailed(failure));
    await undo.disposeAsync().catch((left: unknown) => {
      deps.log.warn({ err: left, container: container.id }, 'a failed start left something behind');
      deps.sweepSoon?.();
    });
    throw failure.error;
  }
}

async function launch(deps: ContainerDependencies, container: Container, undo: AsyncDisposableStack): Promise<Task> {
  const { id, record } = container;
  await mkdir(container.paths.runDir, { recursive: true, mode: 0o700 });
  const rootfs = await deps.rootfs.mounts(id);
  const namespaces = sharedNamespaces(deps, record);
  await using temporary = new AsyncDisposableStack();
  const users = await openUsers(deps, record, temporary);
  const [log, streams, sandbox, mounts, accounts, sharedMemory, devices] = await allOrNothing([
    openLog(deps, container, { connect: true }).then((opened) => {
      if (opened) undo.defer(() => opened.close());
      return opened;
    }),
    ProcessStreams.create(streamsRequest(container), deps.fifos).then((opened) => undo.use(opened)),
    joinNetworks(deps, container, { undo, users }),
    prepareMounts(deps, container, { rootfs, undo, temporary }),
    readAccounts(rootfs),
    openSharedMemory(deps, container, undo),
    requestedDevices(record.hostConfig, deps.cdi),
  ]);
  await deps.fault?.('start:after-network', id);
  const spec = buildSpec({
    ...{ record, accounts, mounts, sharedMemory, devices, users },
    paths: container.paths,
    host: deps.specHost,
    namespaces: { ...namespaces, network: sandbox.namespace },
    linkedEnv: linkEnvironment(deps, container),
    defaultUlimits: deps.settings.defaultUlimits,
  });
  container.user = spec.process.user;
  await ensureProfile(spec.process.apparmorProfile);
  await createSpec(deps, container, spec);
  undo.defer(() => ignoreMissing(deps.specs.delete(id)));
  await deps.fault?.('start:after-spec', id);
  // The host binds the ports while runc sets the container up; both are done before anything runs in it.
  const [pid] = await allOrNothing([
    createTask(deps, container, { streams, rootfs, undo, users }),
    publishPorts(deps, container, { sandbox: sandbox.sandbox, undo }),
  ]);
  await deps.fault?.('start:after-task', id);
  if (log) streams.output.subscribe(log);
  container.announceStreams(streams);
  await deps.tasks.start({ containerId: id });
  await deps.fault?.('start:after-process', id);
  return { pid, streams, log, oomKilled: false };
}

/** Like Promise.all, but waits for the others when one fails, so that what they made is on the undo stack. */
async function allOrNothing<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

export function streamsRequest(container: Container): StreamsRequest {
  const { config } = container.record;
  return {
    dir: container.paths.runDir,
    prefix: 'init',
    terminal: config.Tty,
    stdin: config.OpenStdin,
    stdout: true,
    stderr: true,
  };
}

/** A record that a crash left behind gives way. */
async function createSpec(deps: ContainerDependencies, container: Container, spec: OciSpec): Promise<void> {
  const { id, record } = container;
  const request = {
    id,
    image: record.config.Image,
    snapshotter: deps.snapshotter,
    snapshotKey: id,
    runtime: runtimeOf(deps.settings, record.hostConfig.Runtime).shim,
    spec,
  };
  try {
    await deps.specs.create(request);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    await deps.specs.delete(id);
    await deps.specs.create(request);
  }
}
