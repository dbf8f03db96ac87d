import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Give up after this long, with a {@link TimeoutError} naming `what`. */
  timeoutMs: number;
  what: string;
  /** Time between two looks; it doubles up to `maxIntervalMs`. */
  intervalMs?: number;
  maxIntervalMs?: number;
  signal?: AbortSignal;
}

/** What was waited for did not come true in time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** Polls until `look` gives something other than null or false, and returns that. Rejects when `look` does. */
export async function until<T>(
  look: () => Promise<T | null | false> | T | null | false,
  options: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let intervalMs = options.intervalMs ?? 10;
  for (;;) {
    options.signal?.throwIfAborted();
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() >= deadline) {
      throw new TimeoutError(`${options.what} did not happen within ${options.timeoutMs / 1000} s`);
    }
    await delay(intervalMs, undefined, { signal: options.signal });
    intervalMs = Math.min(intervalMs * 2, options.maxIntervalMs ?? 200);
  }
}
