import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** A smaller difference is not worth a jump. */
const largestDriftMs = 50;
/** The shell is there well before the second changes. */
const leastNoticeMs = 250;

/** This machine's clock. */
export class GuestClock {
  #setting: Promise<number> | null = null;

  /**
   * Sets it to the host's time if it differs, and resolves with how much it was off (0: it is right). date(1) of a small
   * system takes whole seconds only, so that is done as the host's second changes, by a shell that waits for it: at most
   * some 1.3 s later, and right to a few milliseconds.
   */
  async set(epochMs: number): Promise<number> {
    const driftMs = epochMs - Date.now();
    if (Math.abs(driftMs) <= largestDriftMs) return 0;
    this.#setting ??= step(epochMs).finally(() => (this.#setting = null));
    await this.#setting;
    return driftMs;
  }
}

async function step(epochMs: number): Promise<number> {
  const receivedAtMs = performance.now();
  const second = Math.ceil((epochMs + leastNoticeMs) / 1000);
  const shell = spawn('busybox', ['sh', '-c', 'read go; date -u -s "@$1"', 'sh', `${second}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(shell, 'close');
  await delay(second * 1000 - epochMs - (performance.now() - receivedAtMs));
  shell.stdin.end('\n');
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the clock cannot be set (date ended with ${code})`);
  return second;
}
