import type { HostFiles } from '../files/host-files.ts';
import { PortPublisher } from '../ports/port-publisher.ts';
import type { Logger } from '../logger.ts';
import type { RunningVm, VmDriver } from '../vm/driver.ts';
import type { GuestAttachment } from '../vm/machine-state.ts';
import { ClockSync } from './clock-sync.ts';
import { GuestConnection } from './connection.ts';
import { createHostServices } from './host-services.ts';
import type { GuestSession } from './session.ts';

export interface AttachOptions {
  driver: VmDriver;
  /** Otherwise the agent may come later. */
  waitsForAgent: boolean;
  signal: AbortSignal;
  /** This host's folders; they outlive the attachment. */
  files: HostFiles;
  log: Logger;
}

/** The agent gets this much longer than the containers to say that it is done. */
const answerGraceMs = 5_000;
const usualShutdownMs = 20_000;

/** Connects the daemon's services to a VM that runs: the session, its published ports, its clock. */
export async function attachGuest(vm: RunningVm, options: AttachOptions): Promise<GuestAttachment> {
  const attachment = new Attachment(vm, options);
  try {
    if (options.waitsForAgent) await attachment.connected(options.signal);
    return attachment;
  } catch (error) {
    await attachment[Symbol.asyncDispose]();
    throw error;
  }
}

class Attachment implements GuestAttachment {
  readonly #ports: PortPublisher;
  readonly #connection: GuestConnection;
  readonly #clock: ClockSync | null;
  readonly #log: Logger;
  #warnings: string[] = [];

  constructor(vm: RunningVm, { driver, files, log }: AttachOptions) {
    const { sharesHost } = driver.capabilities;
    this.#log = log;
    this.#ports = new PortPublisher({ dial: (target, signal) => vm.dial(target, signal), sharesHost });
    this.#clock = sharesHost ? null : new ClockSync({ session: () => this.#connection.session, log });
    this.#connection = new GuestConnection({
      vm,
      services: createHostServices({
        ports: this.#ports,
        files,
        dialGuest: (signal) => vm.dial({ kind: 'guest' }, signal),
        guest: () => this.#connection.session?.guest ?? null,
      }),
      log,
      onConnected: (session) => this.#welcome(session),
    });
  }

  connected(signal: AbortSignal): Promise<void> {
    return this.#connection.connected(signal);
  }

  warnings(): string[] {
    return [...this.#warnings];
  }

  async shutdown(): Promise<void> {
    const session = this.#connection.session;
    if (!session) return this.#log.warn('the guest agent cannot be reached: the machine ends without its help');
    try {
      const timeoutMs = await shutdownTimeoutMs(session);
      const answer = session.guest['guest.shutdown']({ timeoutMs });
      const tooLate = timeoutMs === null ? [] : [expire(timeoutMs + answerGraceMs)];
      await Promise.race([answer, session.closed, ...tooLate]);
    } catch (error) {
      this.#log.warn({ err: error }, 'the guest agent did not shut down');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clock?.[Symbol.dispose]();
    await this.#connection[Symbol.asyncDispose]();
    await this.#ports[Symbol.asyncDispose]();
  }

  /** A machine that ran on still publishes ports which only this daemon can bind. */
  async #welcome(session: GuestSession): Promise<void> {
    // Asked before the clock is set: a first answer may take long, and so much would the clock be behind.
    const { agentVersion, kernelVersion } = await session.guest['guest.info']({});
    this.#log.info({ agentVersion, kernelVersion }, 'connected to the guest agent');
    await this.#clock?.tell(session);
    const { publications } = await session.guest['ports.list']({});
    const failures = await this.#ports.restore(publications);
    this.#warnings = failures.map(({ containerId, error }) => `ports of ${containerId.slice(0, 12)}: ${error.message}`);
    for (const warning of this.#warnings) this.#log.warn(warning);
  }
}

/** An agent that does not say is an older one, or one that will not come to its end either. */
async function shutdownTimeoutMs({ guest }: GuestSession): Promise<number | null> {
  const answer = guest['guest.shutdownTimeout']({});
  const { timeoutMs } = await Promise.race([answer, expire(answerGraceMs)]).catch(() => ({
    timeoutMs: usualShutdownMs,
  }));
  return timeoutMs;
}

function expire(timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs).unref();
  });
}
