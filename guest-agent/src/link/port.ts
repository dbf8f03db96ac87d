import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LinkMux } from '../api/link/mux.ts';
import { PortStream } from './port-stream.ts';

const portsDir = '/sys/class/virtio-ports';
const retryIntervalMs = 100;

/** Goes on over the port of this name for as long as somebody is at its other end, and again when somebody comes. */
export function servePort(name: string, mux: LinkMux): AsyncDisposable {
  const closing = new AbortController();
  const done = stayOnPort(name, mux, closing.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      mux[Symbol.dispose]();
      await done;
    },
  };
}

async function stayOnPort(name: string, mux: LinkMux, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const stream = new PortStream(await deviceOf(name));
      const closed = once(stream, 'close');
      mux.attach(stream);
      await closed;
    } catch {
      // An agent before this one may still have it.
    }
    await delay(retryIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function deviceOf(name: string): Promise<string> {
  for (const port of await readdir(portsDir)) {
    const its = await readFile(path.join(portsDir, port, 'name'), 'utf8').catch(() => '');
    if (its.trim() === name) return path.join('/dev', port);
  }
  throw new Error(`there is no port ${name}`);
}
