import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { tailOf, trimLog } from '../../../process/bounded-log.ts';
import { processGone } from '../../../process/process-gone.ts';
import { terminate } from '../../../process/terminate.ts';
import { DialError, type DialTarget, type RunningVm, type VmExit } from '../../driver.ts';
import type { GuestLink } from '../../guest-link.ts';
import type { QemuFiles } from './files.ts';
import { FullDisk } from './full-disk.ts';
import { forgetProcess, type QemuProcess } from './qemu-process.ts';

export interface QemuVmOptions {
  files: QemuFiles;
  process: QemuProcess;
  link: GuestLink;
  accelerator: string;
}

const quitTimeoutMs = 3_000;
const logCheckIntervalMs = 10_000;
const endCheckIntervalMs = 250;
const maxLogBytes = 4 * 1024 * 1024;

/** Reasons of QMP's SHUTDOWN event, in our words. */
const endings: Readonly<Record<string, string>> = {
  'guest-shutdown': 'the guest powered itself off',
  'guest-reset': 'the guest restarted or its kernel crashed',
  'guest-panic': "the guest's kernel crashed",
  'host-signal': 'QEMU was ended by a signal',
  'host-qmp-quit': 'QEMU was told to quit',
};

/** A QEMU process seen as a machine. */
export class QemuVm implements RunningVm {
  readonly accelerator: string;
  readonly exited: Promise<VmExit>;
  readonly #files: QemuFiles;
  readonly #process: QemuProcess;
  readonly #link: GuestLink;
  readonly #fullDisk: FullDisk;
  readonly #logCheck: NodeJS.Timeout;
  #dead = false;
  #endAsked = false;
  #stopping: Promise<void> | undefined;

  constructor({ files, process, link, accelerator }: QemuVmOptions) {
    this.#files = files;
    this.#process = process;
    this.#link = link;
    this.accelerator = accelerator;
    this.#fullDisk = new FullDisk({ qmp: process.qmp, dataDisk: files.dataDisk });
    this.exited = this.#watch();
    this.#logCheck = setInterval(() => void this.#trimLogs(), logCheckIntervalMs).unref();
  }

  get problem(): string | null {
    return this.#fullDisk.problem;
  }

  async dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex> {
    if (this.#dead) throw new DialError('ECLOSED', 'the machine does not run');
    return this.#link.dial(target, signal);
  }

  /** Resolves once the agent is on the link; rejects when `signal` aborts. */
  agentUp(signal: AbortSignal): Promise<void> {
    return this.#link.up(signal);
  }

  /** Resolves once `problem` tells whether it stands still: nobody heard of it when it began to. */
  async lookAtDisk(): Promise<void> {
    await this.#fullDisk.look();
  }

  stop(options: { timeoutMs: number }): Promise<void> {
    this.#endAsked = true;
    this.#stopping ??= this.#stopOnce(options.timeoutMs);
    return this.#stopping;
  }

  async kill(): Promise<void> {
    this.#endAsked = true;
    await terminate(this.#process.identity, { graceMs: 0 });
    await this.exited;
  }

  async detach(): Promise<void> {
    this.#dead = true;
    clearInterval(this.#logCheck);
    this.#fullDisk[Symbol.dispose]();
    this.#link[Symbol.dispose]();
    await this.#process.qmp.release();
  }

  async consoleTail(lines: number): Promise<string> {
    return consoleTail(this.#files, lines);
  }

  async #stopOnce(timeoutMs: number): Promise<void> {
    if (await this.#endsWithin(timeoutMs)) return;
    void this.#quit();
    if (!(await this.#endsWithin(quitTimeoutMs))) await this.kill();
  }

  async #endsWithin(timeoutMs: number): Promise<boolean> {
    const timer = new AbortController();
    const waited = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.exited.then(() => true), waited]);
    timer.abort();
    return ended;
  }

  async #quit(): Promise<void> {
    try {
      await this.#process.qmp.execute('quit');
    } catch {
      // It ends without an answer, or does not: both are seen by waiting for its end.
    }
  }

  /** Settles when QEMU has ended; never once the machine was let go. */
  async #watch(): Promise<VmExit> {
    const { qmp, identity } = this.#process;
    await qmp.closed;
    if (this.#dead) return new Promise(() => undefined);
    await processGone(identity, { intervalMs: endCheckIntervalMs });
    this.#dead = true;
    clearInterval(this.#logCheck);
    this.#fullDisk[Symbol.dispose]();
    this.#link[Symbol.dispose]();
    await forgetProcess(this.#files);
    const why = endings[qmp.shutdownReason ?? ''] ?? 'QEMU ended without a word (killed or crashed)';
    return { expected: this.#endAsked, reason: why };
  }

  async #trimLogs(): Promise<void> {
    try {
      for (const log of [this.#files.consoleLog, this.#files.qemuLog]) await trimLog(log, maxLogBytes);
    } catch {
      // A full disk must not end the daemon; the next look may have more luck.
    }
  }
}

/** What the guest printed last; before it prints anything, what QEMU said. */
export async function consoleTail(files: QemuFiles, lines: number): Promise<string> {
  const printed = await tailOf(files.consoleLog, lines);
  return printed.replaceAll('\r', '') || tailOf(files.qemuLog, lines);
}
