import type { MachineStatus } from '@berth/daemon/api';
import type { DaemonLink } from '../main/daemon-link.ts';

interface OpenStream {
  name: string;
  request: object;
  onMessage: (message: never) => void | Promise<void>;
  end: (error?: Error) => void;
  signal: AbortSignal;
}

/** A daemon that a test plays. */
export class FakeLink implements DaemonLink {
  readonly calls: [string, object][] = [];
  readonly streams: OpenStream[] = [];
  /** Answers by the operation's name; an Error is what it is refused with. */
  answers: Record<string, unknown> = {};

  readonly call = async (name: string, request: object): Promise<never> => {
    this.calls.push([name, request]);
    const answer = this.answers[name] ?? {};
    if (answer instanceof Error) throw answer;
    return answer as never;
  };

  readonly follow: DaemonLink['follow'] = ({ stream, request }, { onMessage, signal }) =>
    new Promise((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve());
      signal.addEventListener('abort', () => resolve());
      this.streams.push({ name: stream, request, onMessage: onMessage as OpenStream['onMessage'], end, signal });
    });

  /** Tells a message of the stream that was opened last; resolves when it was taken in. */
  async tell(message: object): Promise<void> {
    await this.streams.at(-1)?.onMessage(message as never);
  }
}

export function machineStatus(state: MachineStatus['state'], problem: string | null = null): MachineStatus {
  return {
    ...{ state, problem, driver: 'qemu', accelerator: 'kvm', dockerHost: 'unix:///s' },
    architecture: 'amd64',
    ...{ cpus: 2, memoryMiB: 1024, diskGiB: 64, lastStart: null, halted: null, warnings: [] },
  };
}
