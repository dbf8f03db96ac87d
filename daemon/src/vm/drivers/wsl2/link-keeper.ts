import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { GuestLink } from '../../guest-link.ts';
import type { Wsl } from './wsl.ts';

const pauseMs = 200;

export interface LinkKeeperOptions {
  wsl: Wsl;
  distribution: string;
  /** Asked before each wsl.exe: one would start a distribution that has ended anew. */
  isWanted: () => Promise<boolean>;
}

/**
 * Keeps one wsl.exe whose pipes carry every stream to the agent, and starts another when it ends, as it does with each
 * agent.
 */
export class LinkKeeper implements AsyncDisposable {
  readonly link = new GuestLink();
  readonly #options: LinkKeeperOptions;
  readonly #over = new AbortController();
  readonly #kept: Promise<void>;

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    this.#kept = this.#keep();
  }

  /** Resolves when the wsl.exe has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.link[Symbol.dispose]();
    await this.#kept;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#carry(signal).catch(() => undefined);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #carry(signal: AbortSignal): Promise<void> {
    const { wsl, distribution, isWanted } = this.#options;
    if (!(await isWanted()) || signal.aborted) return;
    const child = wsl.spawn({ distribution, command: ['/usr/lib/berth/wsl/link'] });
    // Not its close: what it left in the distribution may hold its pipes for as long as that runs.
    const ended = once(child, 'exit');
    const end = () => child.kill('SIGKILL');
    signal.addEventListener('abort', end);
    try {
      this.link.attach(pipesOf(child));
      await ended;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

/** The types know only the web's streams there; Node's are taken as well. */
type Source = Parameters<typeof Duplex.from>[0];

/** Its input and output as one stream; destroyed, it ends the process. */
function pipesOf(child: ChildProcessWithoutNullStreams): Duplex {
  child.stderr.resume();
  const pipes = Duplex.from({ readable: child.stdout, writable: child.stdin } as object as Source);
  pipes
    .on('error', () => undefined)
    .once('close', () => {
      child.stderr.destroy();
      child.kill('SIGKILL');
    });
  return pipes;
}
