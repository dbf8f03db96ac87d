import type { Duplex } from 'node:stream';
import { tailOf } from '../../../process/bounded-log.ts';
import { connectStream } from '../../connect.ts';
import { datagramStream } from '../../datagram-stream.ts';
import { DialError, type DialTarget, type RunningVm, type VmExit } from '../../driver.ts';
import type { LinuxFiles } from './files.ts';
import { removeLeftovers } from './leftovers.ts';
import type { RunningService } from './service.ts';
import { Supervisor } from './supervisor.ts';

export interface LinuxVmOptions {
  files: LinuxFiles;
  containerd: RunningService;
  agent: RunningService;
}

/** containerd and the agent on this host, seen as a machine. */
export class LinuxVm implements RunningVm {
  readonly accelerator = null;
  readonly exited: Promise<VmExit>;
  readonly #files: LinuxFiles;
  readonly #containerd: Supervisor;
  readonly #agent: Supervisor;
  readonly #settle: (exit: VmExit) => void;
  #ending: Promise<void> | undefined;
  #gone = false;

  constructor(options: LinuxVmOptions) {
    const { promise, resolve } = Promise.withResolvers<VmExit>();
    this.exited = promise;
    this.#settle = resolve;
    this.#files = options.files;
    const onGivenUp = (reason: string) => void this.#end({ force: true, exit: { expected: false, reason } });
    this.#containerd = new Supervisor({ running: options.containerd, onGivenUp });
    this.#agent = new Supervisor({ running: options.agent, onGivenUp });
  }

  async dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex> {
    if (this.#gone) throw new DialError('ECLOSED', 'the machine does not run');
    if (target.kind === 'tcp') return connectStream({ host: target.host, port: target.port }, signal);
    if (target.kind === 'udp') return datagramStream(target);
    const path = target.kind === 'engine' ? this.#files.engineSocket : this.#files.guestSocket;
    return connectStream({ path }, signal);
  }

  async stop(): Promise<void> {
    await this.#end({ force: false, exit: { expected: true, reason: 'stopped' } });
  }

  async kill(): Promise<void> {
    await this.#end({ force: true, exit: { expected: true, reason: 'killed' } });
  }

  async detach(): Promise<void> {
    this.#gone = true;
    await Promise.all([this.#agent.release(), this.#containerd.release()]);
  }

  consoleTail(lines: number): Promise<string> {
    return consoleTail(this.#files, lines);
  }

  #end(options: { force: boolean; exit: VmExit }): Promise<void> {
    this.#gone = true;
    this.#ending ??= this.#endOnce(options);
    return this.#ending;
  }

  async #endOnce({ force, exit }: { force: boolean; exit: VmExit }): Promise<void> {
    try {
      await this.#agent.end({ force });
      await this.#containerd.end({ force });
      await removeLeftovers(this.#files);
    } finally {
      this.#settle(exit);
    }
  }
}

/** What containerd and the agent said last. */
export async function consoleTail(files: LinuxFiles, lines: number): Promise<string> {
  const tails = await Promise.all([tailOf(files.containerdLog, lines), tailOf(files.agentLog, lines)]);
  return tails.filter((tail) => tail !== '').join('\n');
}
