import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../container.ts';
import { isRunning } from '../container-state.ts';
import { takeSample, type SampleParts } from './sample.ts';
import { statsLine } from './stats-view.ts';
import type { Sample } from './stats.ts';

/** Docker's pace. */
const intervalMs = 1_000;

export interface StatsOptions {
  /** One line a second until the client leaves or the container is removed. */
  stream: boolean;
  /** One line from one reading: nothing to compare with, no second to wait. */
  oneShot: boolean;
}

/** Lines of StatsResponse. Without `stream` there is one, made of two readings a second apart. */
export async function* containerStats(
  parts: SampleParts,
  container: Container,
  { options, signal }: { options: StatsOptions; signal: AbortSignal },
): AsyncGenerator<string> {
  const subject = () => ({ name: container.name, id: container.id });
  const { state } = container;
  if (!options.stream && (!isRunning(state) || state.phase === 'restarting')) {
    return yield statsLine(subject(), null, null);
  }
  if (options.oneShot) {
    const only = takeSample(parts, container);
    return yield statsLine(only ? null : subject(), only, null);
  }
  let before: Sample | null = null;
  if (!options.stream) {
    before = takeSample(parts, container);
    if (!(await nextTurn(container, signal))) return;
    return yield statsLine(subject(), takeSample(parts, container), before);
  }
  do {
    const now = takeSample(parts, container);
    yield statsLine(subject(), now, before);
    before = now;
  } while (await nextTurn(container, signal));
}

/** false when the client has left or the container is gone. */
async function nextTurn(container: Container, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const turn = sleep(intervalMs, true, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => false);
  const isThere = await Promise.race([turn, container.removed.then(() => false)]);
  over.abort();
  return isThere;
}
