import { NotModifiedError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait, sendSignal } from './kill.ts';
import { callOffRestart } from './scheduled-restart.ts';
import { parseSignal } from './signals.ts';
import { waitUntilStopped } from './wait.ts';

export interface StopOptions {
  /** '' for the container's own stop signal. */
  signal: string;
  /** Seconds until SIGKILL; null for the container's own, -1: never. */
  timeoutSeconds: number | null;
}

/** Asks the container to stop, then kills it. NotModifiedError when it does not run. */
export async function stopContainer(
  deps: ContainerDependencies,
  container: Container,
  options: StopOptions,
): Promise<void> {
  if (callOffRestart(container)) {
    container.update((old) => ({ ...old, stoppedByUser: true }));
    return;
  }
  if (!hasTask(container.state)) throw new NotModifiedError('container is already stopped');
  container.update((old) => ({ ...old, stoppedByUser: true }));
  await stopRunning(deps, container, options);
  deps.events.publish(containerEvent(container, 'stop'));
}

/** The stop itself, without a word about who asked for it. */
export async function stopRunning(
  deps: ContainerDependencies,
  container: Container,
  options: StopOptions,
): Promise<void> {
  const { config } = container.record;
  const signal = parseSignal(options.signal || config.StopSignal || 'SIGTERM');
  const timeoutSeconds = options.timeoutSeconds ?? config.StopTimeout ?? deps.settings.defaultStopTimeoutSeconds;
  if (container.state.phase === 'paused') await deps.tasks.resume(container.id);
  await sendSignal(deps, container, signal);
  const timeoutMs = timeoutSeconds < 0 ? -1 : timeoutSeconds * 1000;
  if (await waitUntilStopped(container, timeoutMs)) return;
  await killAndWait(deps, container);
}
