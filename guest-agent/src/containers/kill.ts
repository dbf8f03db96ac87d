import { ConflictError, EngineError, InvalidParameterError, NotFoundError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { reconcileTask } from './reconcile.ts';
import { runtimeTimeoutMs } from './release-task.ts';
import { callOffRestart } from './scheduled-restart.ts';
import { parseSignal } from './signals.ts';
import { thaw } from './unpause.ts';
import { waitUntilStopped } from './wait.ts';

const sigkill = 9;
const killWaitMs = 10_000;
const lastWaitMs = 2_000;
const resendMs = 1_000;

/** `docker kill`: '' means SIGKILL. Every refusal names what the user called the container. */
export async function killContainer(deps: ContainerDependencies, reference: string, signalText: string): Promise<void> {
  const explain = (message: string) => `cannot kill container: ${reference}: ${message}`;
  const container = deps.store.find(reference);
  if (!container) throw new NotFoundError(explain(`No such container: ${reference}`));
  const signal = signalOf(signalText, explain);
  try {
    if (signal === sigkill) await killAndWait(deps, container);
    else await sendSignal(deps, container, signal);
  } catch (error) {
    if (error instanceof ConflictError) throw new ConflictError(explain(error.message), { cause: error });
    throw error;
  }
}

function signalOf(text: string, explain: (message: string) => string): number {
  if (text === '') return sigkill;
  try {
    return parseSignal(text);
  } catch (error) {
    throw new InvalidParameterError(explain((error as Error).message), { cause: error });
  }
}

/** As dockerd has it: without a stop signal of its own, any signal keeps the restart policy out. */
function endsContainer({ record }: Container, signal: number): boolean {
  const { StopSignal } = record.config;
  return signal === sigkill || StopSignal === '' || signal === parseSignal(StopSignal);
}

/**
 * Sends a signal to the container's first process; fine when that has just ended. One that waits for its next run
 * will not have it. ConflictError when it does not run.
 */
export function sendSignal(deps: ContainerDependencies, container: Container, signal: number): Promise<void> {
  return container.lock.run(async () => {
    const { id, state, record } = container;
    if (!isRunning(state)) throw notRunning(container);
    const isEnd = endsContainer(container, signal);
    if (!deps.isShuttingDown() && (isEnd || record.hostConfig.RestartPolicy.Name === 'unless-stopped')) {
      container.note((old) => ({ ...old, stoppedByUser: true }));
    }
    await deps.fault?.('kill:after-mark', id);
    if (state.phase === 'restarting') return void (isEnd && callOffRestart(container));
    const isThere = await signalTask(deps, container, signal);
    await deps.fault?.('kill:after-signal', id);
    deps.events.publish(containerEvent(container, 'kill', { signal: String(signal) }));
    // A frozen process gets the signal when it is thawed.
    if (isThere && isEnd && state.phase === 'paused') await thaw(deps, container);
  });
}

const notRunning = ({ id }: Container) => new ConflictError(`container ${id} is not running`);

/** False when there is no such process any more; its end is then looked for, should nobody have told. */
async function signalTask(deps: ContainerDependencies, container: Container, signal: number): Promise<boolean> {
  try {
    await deps.tasks.kill({ containerId: container.id, signal }, { timeoutMs: runtimeTimeoutMs });
    return true;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  reconcileTask(deps, container).catch((error: unknown) => {
    deps.log.warn({ err: error, container: container.id }, 'the end of a task could not be looked for');
  });
  return false;
}

/** Kills and answers when it has stopped. ConflictError when it does not run. */
export async function killAndWait(deps: ContainerDependencies, container: Container): Promise<void> {
  if (!(await container.lock.run(async () => isRunning(container.state)))) throw notRunning(container);
  for (let restMs = killWaitMs; restMs > 0; restMs -= resendMs) {
    const wasSent = await trySigkill(deps, container);
    if (await waitUntilStopped(container, wasSent ? killWaitMs : resendMs)) return;
    if (wasSent) break;
  }
  killDirectly(container);
  if (await waitUntilStopped(container, lastWaitMs)) return;
  throw new SystemError('tried to kill container, but did not receive an exit event');
}

/** False when it has just stopped, or containerd went away: what counts is whether the container ends. */
async function trySigkill(deps: ContainerDependencies, container: Container): Promise<boolean> {
  try {
    await sendSignal(deps, container, sigkill);
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.debug({ err: error, container: container.id }, 'SIGKILL was not sent');
    return false;
  }
}

function killDirectly({ task }: Container): void {
  if (!task || task.pid <= 0) return;
  try {
    process.kill(task.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
