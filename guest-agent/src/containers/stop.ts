import { ConflictError, EngineError, NotModifiedError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait, sendSignal } from './kill.ts';
import { parseSignal } from './signals.ts';
import { waitUntilStopped } from './wait.ts';

export interface StopOptions {
  /** '' for the container's own stop signal. */
  signal: string;
  /** Seconds until SIGKILL; null for the container's own, -1: never. */
  timeoutSeconds: number | null;
  /** As the user named it, for the error text. */
  reference: string;
}

/** As long as dockerd gives a process whose stop signal could not be sent. */
const unsentSignalMs = 2_000;

/** Asks the container to stop, then kills it. NotModifiedError when it does not run; a start under way comes first. */
export async function stopContainer(
  deps: ContainerDependencies,
  container: Container,
  options: StopOptions,
): Promise<void> {
  if (!(await runs(container))) throw new NotModifiedError('container is already stopped');
  try {
    await stopRunning(deps, container, options);
  } catch (error) {
    throw new SystemError(`cannot stop container: ${options.reference}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether it runs once everybody who is changing that has finished. */
export function runs(container: Container): Promise<boolean> {
  return container.lock.run(async () => isRunning(container.state));
}

/** The stop itself; nothing happens when it has stopped meanwhile. */
export async function stopRunning(
  deps: ContainerDependencies,
  container: Container,
  options: Omit<StopOptions, 'reference'>,
): Promise<void> {
  const { config } = container.record;
  const signal = parseSignal(options.signal || config.StopSignal || 'SIGTERM');
  const timeoutSeconds = options.timeoutSeconds ?? config.StopTimeout ?? deps.settings.defaultStopTimeoutSeconds;
  if (!isRunning(container.state)) return;
  const wasSent = await trySignal(deps, container, signal);
  await deps.fault?.('stop:after-signal', container.id);
  const timeoutMs = timeoutSeconds < 0 ? -1 : wasSent ? timeoutSeconds * 1000 : unsentSignalMs;
  if (!(await waitUntilStopped(container, timeoutMs))) await killStubborn(deps, container);
  await deps.fault?.('stop:after-exit', container.id);
  deps.events.publish(containerEvent(container, 'stop'));
}

/** Fine when it has stopped at the last moment. */
async function killStubborn(deps: ContainerDependencies, container: Container): Promise<void> {
  try {
    await killAndWait(deps, container);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** False when containerd refused or is away: the container then has less time, and is killed. */
async function trySignal(deps: ContainerDependencies, container: Container, signal: number): Promise<boolean> {
  try {
    await sendSignal(deps, container, signal);
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.warn({ err: error, container: container.id, signal }, 'the stop signal was not sent');
    return false;
  }
}
