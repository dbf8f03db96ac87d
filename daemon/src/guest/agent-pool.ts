import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AgentTarget, Dialler } from '../proxy/agent-target.ts';
import type { RunningVm } from '../vm/driver.ts';
import type { Machine } from '../vm/machine.ts';

const idleStreams = 16;

/** Streams to one of the agent's servers, kept open between requests; a new one is dialled when none is idle. */
export class AgentPool extends Agent implements Dialler {
  readonly dial: () => Promise<Duplex>;

  constructor(dial: () => Promise<Duplex>) {
    super({ keepAlive: true, maxFreeSockets: idleStreams });
    this.dial = dial;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const failed = (error: Error) => callback?.(error, undefined as never);
    this.dial().then((stream) => callback?.(null, stream), failed);
    return undefined;
  }
}

type Kind = 'engine' | 'guest';

/** The pools of the VM that runs at the moment. */
export class AgentPools implements Disposable {
  readonly #machine: Machine;
  #vm: RunningVm | null = null;
  #pools = new Map<Kind, AgentPool>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  target(kind: Kind): AgentTarget {
    const vm = this.#machine.running?.vm ?? null;
    if (vm !== this.#vm) this.#forget(vm);
    if (!vm) return { agent: null, reason: whyNot(this.#machine) };
    if (vm.problem) return { agent: null, reason: vm.problem };
    let pool = this.#pools.get(kind);
    if (!pool) this.#pools.set(kind, (pool = new AgentPool(() => vm.dial({ kind }))));
    return { agent: pool };
  }

  [Symbol.dispose](): void {
    this.#forget(null);
  }

  #forget(next: RunningVm | null): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools = new Map();
    this.#vm = next;
  }
}

function whyNot({ stateName, problem }: Machine): string {
  if (problem !== null) return `the berth machine is not running (${problem}): \`berth up\` starts it again`;
  if (stateName === 'starting') return 'the berth machine is still starting: try again in a moment';
  if (stateName === 'stopping') return 'the berth machine is being stopped: `berth up` starts it again';
  return 'the berth machine is not running: `berth up` starts it';
}
