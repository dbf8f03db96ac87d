import type { MachineStateName, StartPhase, StartRequest } from '../api/status.ts';
import { VmStartError, type VmExit } from './driver.ts';
import type { MachineState, RunningMachine, StartAttempt } from './machine-state.ts';
import { refuseOtherDriver, startMachine, type StartDependencies } from './start-machine.ts';

export interface StartOptions {
  onPhase: (phase: StartPhase) => void;
  /** Leaves the start; it is given up when nobody waits for it any more. */
  signal: AbortSignal;
}

export interface MachineOptions extends StartDependencies {
  /** A start that succeeded, with what was asked for. */
  onStarted?: (request: StartRequest) => Promise<void>;
  /** After every change of the state. */
  onChange?: () => void;
  /** Of every start. */
  onPhase?: (phase: StartPhase) => void;
}

const powerOffTimeoutMs = 10_000;
const tailLines = 20;
const nobody: StartOptions = { onPhase: () => undefined, signal: new AbortController().signal };

/** The one machine of a home: owner of its state and of the record on disk. */
export class Machine implements AsyncDisposable {
  #current: MachineState = { name: 'stopped' };
  readonly #options: MachineOptions;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  get #state(): MachineState {
    return this.#current;
  }

  set #state(state: MachineState) {
    this.#current = state;
    this.#options.onChange?.();
  }

  get stateName(): MachineStateName {
    return this.#state.name;
  }

  /** null unless running. */
  get running(): RunningMachine | null {
    return this.#state.name === 'running' ? this.#state.machine : null;
  }

  /** Why it is not running; null when nothing is wrong. */
  get problem(): string | null {
    return this.#state.name === 'failed' ? this.#state.problem : null;
  }

  /** Resolves once the engine answers; returns at once when it already does. */
  async start(request: StartRequest, options: StartOptions): Promise<void> {
    if (this.#state.name === 'stopping') await this.#state.done;
    if (this.#state.name === 'starting' && this.#state.attempt.adoptOnly) await join(this.#state.attempt, options);
    if (this.#state.name === 'starting') await join(this.#state.attempt, options);
    else if (this.#state.name !== 'running') await join(this.#begin(request, { adoptOnly: false }), options);
    if (this.running) refuseOtherDriver(this.running, request);
  }

  /** Takes over a machine that an earlier daemon left running, if there is one. */
  async restore(options: StartOptions): Promise<void> {
    if (this.#state.name !== 'stopped') return;
    await join(this.#begin({}, { adoptOnly: true }), options);
  }

  /** Ends the machine, or the start that goes on, or what an earlier daemon left running. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state.name === 'starting') await this.#giveUp(this.#state.attempt);
    if (this.#state.name === 'failed') this.#state = { name: 'stopped' };
    if (this.#state.name === 'stopped' && (await this.#wasLeftRunning())) await this.restore(nobody);
    if (this.#state.name === 'running') {
      const done = this.#stopRunning(this.#state.machine);
      this.#state = { name: 'stopping', done };
    }
    if (this.#state.name === 'stopping') await this.#state.done;
  }

  /** Lets go of the machine, which runs on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.name === 'starting') await this.#giveUp(this.#state.attempt);
    if (this.#state.name === 'stopping') await this.#state.done;
    if (this.#state.name !== 'running') return;
    const { guest, vm } = this.#state.machine;
    this.#state = { name: 'stopped' };
    await guest[Symbol.asyncDispose]();
    await vm.detach();
  }

  #begin(request: StartRequest, { adoptOnly }: { adoptOnly: boolean }): StartAttempt {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = new AbortController();
    const attempt: StartAttempt = { adoptOnly, done: promise, phases: [], cancel, listeners: new Set() };
    promise.catch(() => undefined);
    this.#state = { name: 'starting', attempt };
    this.#attempt(attempt, request).then(resolve, reject);
    return attempt;
  }

  async #attempt(attempt: StartAttempt, request: StartRequest): Promise<void> {
    const onPhase = (phase: StartPhase) => {
      attempt.phases.push(phase);
      this.#options.onPhase?.(phase);
      for (const listener of attempt.listeners) listener(phase);
    };
    try {
      const { adoptOnly, cancel } = attempt;
      const machine = await startMachine(this.#options, { request, adoptOnly, signal: cancel.signal, onPhase });
      this.#state = machine ? { name: 'running', machine } : { name: 'stopped' };
      if (!machine) return;
      void machine.vm.exited.then((exit) => this.#onExit(machine, exit));
      await this.#options.onStarted?.(request);
    } catch (error) {
      this.#state = attempt.cancel.signal.aborted ? { name: 'stopped' } : failed(error as Error);
      throw error;
    }
  }

  /** A take-over is let finish, so that the machine can be ended properly. */
  async #giveUp({ adoptOnly, cancel, done }: StartAttempt): Promise<void> {
    if (!adoptOnly) cancel.abort();
    await done.catch(() => undefined);
  }

  async #wasLeftRunning(): Promise<boolean> {
    return (await this.#options.store.read())?.state === 'running';
  }

  async #stopRunning(machine: RunningMachine): Promise<void> {
    await machine.guest.shutdown();
    await machine.guest[Symbol.asyncDispose]();
    await machine.vm.stop({ timeoutMs: powerOffTimeoutMs });
    await this.#recordStopped(null);
    this.#state = { name: 'stopped' };
  }

  async #onExit(machine: RunningMachine, exit: VmExit): Promise<void> {
    if (this.#state.name !== 'running' || this.#state.machine !== machine) return;
    const problem = `the machine ended by itself: ${exit.reason}`;
    this.#state = { name: 'failed', problem, consoleTail: '' };
    this.#state.consoleTail = await machine.vm.consoleTail(tailLines);
    await machine.guest[Symbol.asyncDispose]();
    await this.#recordStopped(problem);
  }

  async #recordStopped(problem: string | null): Promise<void> {
    const record = await this.#options.store.read();
    if (record) await this.#options.store.write({ ...record, state: 'stopped', problem });
  }
}

function failed(error: Error): MachineState {
  return {
    name: 'failed',
    problem: error.message,
    consoleTail: error instanceof VmStartError ? error.consoleTail : '',
  };
}

/** Follows an attempt until it ends or the caller leaves; the last one to leave gives it up. */
async function join(attempt: StartAttempt, { onPhase, signal }: StartOptions): Promise<void> {
  signal.throwIfAborted();
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason as Error);
  const listener = (phase: StartPhase) => onPhase(phase);
  attempt.phases.forEach(listener);
  attempt.listeners.add(listener);
  signal.addEventListener('abort', leave);
  try {
    await Promise.race([attempt.done, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
    attempt.listeners.delete(listener);
    if (signal.aborted && attempt.listeners.size === 0) attempt.cancel.abort();
  }
}
