import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { tailOf, trimLog } from '../../../process/bounded-log.ts';
import { isAlive } from '../../../process/process-identity.ts';
import { processGone } from '../../../process/process-gone.ts';
import { DialError, type DialTarget, type RunningVm, type VmExit } from '../../driver.ts';
import type { Wsl2Files } from './files.ts';
import { LinkKeeper } from './link-keeper.ts';
import { endSessions, type Sessions } from './sessions.ts';
import type { Wsl } from './wsl.ts';

export interface Wsl2VmOptions {
  wsl: Wsl;
  files: Wsl2Files;
  sessions: Sessions;
}

const logCheckIntervalMs = 10_000;
const endCheckIntervalMs = 250;
const maxLogBytes = 4 * 1024 * 1024;

/** A distribution that runs, seen as a machine. */
export class Wsl2Vm implements RunningVm {
  readonly accelerator = 'wsl2';
  readonly exited: Promise<VmExit>;
  readonly #options: Wsl2VmOptions;
  readonly #keeper: LinkKeeper;
  readonly #logCheck: NodeJS.Timeout;
  readonly #letGo = new AbortController();
  #dead = false;
  #endAsked = false;
  #stopping: Promise<void> | undefined;

  constructor(options: Wsl2VmOptions) {
    this.#options = options;
    this.#keeper = new LinkKeeper({
      ...{ wsl: options.wsl, distribution: options.files.machine },
      isWanted: async () => !this.#endAsked && (await isAlive(options.sessions.machine)),
    });
    this.exited = this.#watch();
    const { consoleLog } = options.files;
    this.#logCheck = setInterval(
      () => void trimLog(consoleLog, maxLogBytes).catch(() => undefined),
      logCheckIntervalMs,
    );
    this.#logCheck.unref();
  }

  async dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex> {
    if (this.#dead) throw new DialError('ECLOSED', 'the machine does not run');
    return this.#keeper.link.dial(target, signal);
  }

  /** Resolves once the agent is on the link; rejects when `signal` aborts. */
  agentUp(signal: AbortSignal): Promise<void> {
    return this.#keeper.link.up(signal);
  }

  stop({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    this.#endAsked = true;
    this.#stopping ??= this.#stopOnce(timeoutMs);
    return this.#stopping;
  }

  async kill(): Promise<void> {
    this.#endAsked = true;
    if (!this.#dead) await this.#options.wsl.terminate(this.#options.files.machine);
    await this.exited;
  }

  async detach(): Promise<void> {
    this.#dead = true;
    this.#letGo.abort();
    clearInterval(this.#logCheck);
    await this.#keeper[Symbol.asyncDispose]();
  }

  consoleTail(lines: number): Promise<string> {
    return tailOf(this.#options.files.consoleLog, lines);
  }

  async #stopOnce(timeoutMs: number): Promise<void> {
    const timer = new AbortController();
    const waited = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.exited, waited]);
    timer.abort();
    await this.kill();
  }

  /** Settles when the machine has ended and nothing of it is left; never once it was let go. */
  async #watch(): Promise<VmExit> {
    const { wsl, files, sessions } = this.#options;
    try {
      await processGone(sessions.machine, { intervalMs: endCheckIntervalMs, signal: this.#letGo.signal });
    } catch {
      return new Promise(() => undefined);
    }
    this.#dead = true;
    clearInterval(this.#logCheck);
    const released = this.#keeper[Symbol.asyncDispose]();
    await endSessions(wsl, files);
    await released;
    return { expected: this.#endAsked, reason: 'the distribution ended' };
  }
}
