import { hasTask, isRunning, type ContainerState } from './container-state.ts';
import type { Container } from './container.ts';

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface WaitResult {
  statusCode: number;
  /** What kept it from running or from being removed; '' if nothing. */
  error: string;
}

/** Answers when the condition holds; rejects with the signal's reason when the client leaves before. */
export async function waitForContainer(
  container: Container,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<WaitResult> {
  signal.throwIfAborted();
  if (condition === 'removed') return await untilRemoved(container, signal);
  if (condition === 'not-running' && !isRunning(container.state)) return resultOf(container.state);
  return resultOf(await nextStop(container, signal));
}

const resultOf = (state: ContainerState): WaitResult => ({ statusCode: state.exitCode, error: state.error });

/**
 * The state right after the present or next run, or after a run that is not to come any more. A container that goes
 * away meanwhile counts as stopped.
 */
function nextStop(container: Container, signal: AbortSignal): Promise<ContainerState> {
  const { promise, resolve, reject } = Promise.withResolvers<ContainerState>();
  let before = container.state;
  const forget = container.onState((state) => {
    const hasStopped = isRunning(before) && !hasTask(state) && state.phase !== before.phase;
    before = state;
    if (hasStopped) resolve(state);
  });
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const forgetRemoval = container.onRemoved(() => resolve(container.state));
  return promise.finally(() => {
    forget();
    forgetRemoval();
    signal.removeEventListener('abort', onAbort);
  });
}

function untilRemoved(container: Container, signal: AbortSignal): Promise<WaitResult> {
  const { promise, resolve, reject } = Promise.withResolvers<WaitResult>();
  const onAbort = () => reject(signal.reason as Error);
  const forget = container.onState((state) => {
    if (state.phase === 'dead') resolve(resultOf(state));
  });
  signal.addEventListener('abort', onAbort, { once: true });
  const forgetRemoval = container.onRemoved(() => resolve({ statusCode: container.state.exitCode, error: '' }));
  return promise.finally(() => {
    forget();
    forgetRemoval();
    signal.removeEventListener('abort', onAbort);
  });
}

/** False when it still runs after `timeoutMs`; a negative time-out waits for ever. */
export async function waitUntilStopped(container: Container, timeoutMs: number): Promise<boolean> {
  if (!hasTask(container.state)) return true;
  const abort = new AbortController();
  const timer = timeoutMs < 0 ? undefined : setTimeout(() => abort.abort(), timeoutMs);
  try {
    await nextStop(container, abort.signal);
    return true;
  } catch (error) {
    if (abort.signal.aborted) return !hasTask(container.state);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
