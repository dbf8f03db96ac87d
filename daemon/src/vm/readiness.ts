import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningVm } from './driver.ts';

const firstPauseMs = 10;
const longestPauseMs = 250;

/** Resolves once the engine answers /_ping with 200; rejects when the VM ends or `signal` aborts. */
export async function engineReady(vm: RunningVm, signal: AbortSignal): Promise<void> {
  const ended = vm.exited.then(({ reason }) => Promise.reject(new Error(`the machine ended: ${reason}`)));
  const stopPolling = new AbortController();
  try {
    await Promise.race([polled(vm, AbortSignal.any([signal, stopPolling.signal])), ended]);
  } finally {
    stopPolling.abort();
    ended.catch(() => undefined);
  }
}

async function polled(vm: RunningVm, signal: AbortSignal): Promise<void> {
  for (let pauseMs = firstPauseMs; !(await answers(vm, signal)); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted();
    await delay(pauseMs, undefined, { signal });
  }
}

async function answers(vm: RunningVm, signal: AbortSignal): Promise<boolean> {
  try {
    const stream = await vm.dial({ kind: 'engine' }, signal);
    const ping = request({ path: '/_ping', headers: { Host: 'docker' }, createConnection: () => stream, signal });
    ping.on('error', () => undefined);
    const [response] = (await once(ping.end(), 'response')) as [IncomingMessage];
    response.destroy();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}
