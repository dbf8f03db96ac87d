import { ConflictError, InvalidParameterError, NotFoundError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { callOffRestart } from './scheduled-restart.ts';
import { parseSignal } from './signals.ts';
import { waitUntilStopped } from './wait.ts';

const sigkill = 9;
const killWaitMs = 10_000;

/** `docker kill`: '' means SIGKILL. Every refusal names what the user called the container. */
export async function killContainer(deps: ContainerDependencies, reference: string, signalText: string): Promise<void> {
  const explain = (message: string) => `cannot kill container: ${reference}: ${message}`;
  const container = deps.store.find(reference);
  if (!container) throw new NotFoundError(explain(`No such container: ${reference}`));
  const signal = signalOf(signalText, explain);
  if (!hasTask(container.state)) throw new ConflictError(explain(`container ${container.id} is not running`));
  if (endsContainer(container, signal)) {
    container.update((old) => ({ ...old, stoppedByUser: true }));
  }
  if (signal === sigkill) await killAndWait(deps, container);
  else await sendSignal(deps, container, signal);
}

function signalOf(text: string, explain: (message: string) => string): number {
  if (text === '') return sigkill;
  try {
    return parseSignal(text);
  } catch (error) {
    throw new InvalidParameterError(explain((error as Error).message), { cause: error });
  }
}

/** A signal that is meant to end it keeps the restart policy out. */
function endsContainer({ record }: Container, signal: number): boolean {
  const stopSignal = record.config.StopSignal;
  return signal === sigkill || signal === parseSignal(stopSignal || 'SIGTERM');
}

/** Sends a signal to the container's first process; fine when that has just ended. */
export async function sendSignal(deps: ContainerDependencies, container: Container, signal: number): Promise<void> {
  try {
    await deps.tasks.kill({ containerId: container.id, signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  deps.events.publish(containerEvent(container, 'kill', { signal: String(signal) }));
}

/** Kills and answers when it has stopped. */
export async function killAndWait(deps: ContainerDependencies, container: Container): Promise<void> {
  callOffRestart(container);
  if (!hasTask(container.state)) return;
  if (container.state.phase === 'paused') await deps.tasks.resume(container.id);
  await sendSignal(deps, container, sigkill);
  if (await waitUntilStopped(container, killWaitMs)) return;
  throw new SystemError(
    `cannot kill container: ${container.id}: tried to kill container, but did not receive an exit event`,
  );
}
