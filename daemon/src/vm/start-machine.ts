import type { StartPhase, StartRequest } from '../api/status.ts';
import { VmStartError, type RunningVm, type VmDriver, type VmSpec, type VmStartOptions } from './driver.ts';
import type { DriverSet } from './drivers.ts';
import type { GuestAttachment, RunningMachine } from './machine-state.ts';
import type { MachineRecord, MachineStore } from './machine-store.ts';
import { sizedFor } from './machine-size.ts';
import { engineReady } from './readiness.ts';

/** What settings and request together ask for. */
export interface MachinePlan {
  /** A driver's name or 'auto'. */
  driverName: string;
  spec: VmSpec;
}

interface Attaching {
  driver: VmDriver;
  waitsForAgent: boolean;
  signal: AbortSignal;
}

export interface StartDependencies {
  drivers: DriverSet;
  store: MachineStore;
  plan: (request: StartRequest) => Promise<MachinePlan>;
  /**
   * Opens the session with the agent; resolves once it stands and the ports it lists are bound again, or, where the agent
   * is not waited for, at once: then that happens when the agent is there.
   */
  attach: (vm: RunningVm, options: Attaching) => Promise<GuestAttachment>;
}

export interface StartRun {
  request: StartRequest;
  /** true: take over what runs, but start nothing. */
  adoptOnly: boolean;
  signal: AbortSignal;
  onPhase: (phase: StartPhase) => void;
}

const readyTimeoutMs = 60_000;
const tailLines = 20;

/** Takes over the machine that was left running or starts it. null: nothing ran and `adoptOnly` was asked. */
export async function startMachine(needs: StartDependencies, run: StartRun): Promise<RunningMachine | null> {
  const clock = new PhaseClock(run.onPhase);
  const record = await needs.store.read();
  const plan = await needs.plan(run.request);
  const left = record?.state === 'running' ? await takeOver({ needs, run, plan, record, clock }) : null;
  if (!left && run.adoptOnly) {
    if (record) await needs.store.write({ ...record, state: 'stopped' });
    return null;
  }
  const lastStart = record?.lastStart ?? null;
  const begun = left ?? (await startNew({ needs, run, plan, clock }, lastStart));
  try {
    return await attachAndWait(needs, run, { ...begun, clock, adopted: left !== null });
  } catch (error) {
    if (!left || !run.signal.aborted) await recordFailure({ needs, run, begun, lastStart, error });
    throw error;
  }
}

/** One home has one machine: another driver means another machine. */
export function refuseOtherDriver({ driver }: RunningMachine, { driver: wanted }: StartRequest): void {
  if (wanted === undefined || wanted === 'auto' || wanted === driver.name) return;
  throw new VmStartError(`the machine runs with the ${driver.name} driver: run \`berth down\` first`);
}

interface Step {
  needs: StartDependencies;
  run: StartRun;
  plan: MachinePlan;
  clock: PhaseClock;
}

interface Begun {
  driver: VmDriver;
  spec: VmSpec;
  vm: RunningVm;
}

async function takeOver({ needs, run, plan, record, clock }: Step & { record: MachineRecord }): Promise<Begun | null> {
  const driver = needs.drivers.get(record.driver);
  const { cpus, memoryMiB, diskGiB, architecture } = record;
  const spec = { ...plan.spec, cpus, memoryMiB, diskGiB, ...(architecture && { architecture }) };
  // Not given up half way: what runs must end up in somebody's hands.
  const vm = await driver.adopt(spec, { ...driverOptions(run, clock), signal: new AbortController().signal });
  if (!vm) return null;
  clock.mark(`took over the machine that was left running (${driver.name})`);
  return { driver, spec, vm };
}

async function startNew({ needs, run, plan, clock }: Step, lastStart: MachineRecord['lastStart']): Promise<Begun> {
  const driver = await needs.drivers.choose(plan.driverName);
  clock.mark(`driver ${driver.name}`);
  run.signal.throwIfAborted();
  const spec = await sizedFor(driver, plan.spec, run.request);
  await needs.store.write(recordOf({ driver, spec }, { state: 'running', lastStart, problem: null }));
  try {
    return { driver, spec, vm: await driver.start(spec, driverOptions(run, clock)) };
  } catch (error) {
    await recordFailure({ needs, run, begun: { driver, spec }, lastStart, error });
    throw error;
  }
}

async function attachAndWait(
  needs: StartDependencies,
  run: StartRun,
  begun: Begun & { clock: PhaseClock; adopted: boolean },
): Promise<RunningMachine> {
  const { driver, spec, vm, clock, adopted } = begun;
  const timeout = AbortSignal.timeout(readyTimeoutMs);
  const signal = AbortSignal.any([run.signal, timeout]);
  await using undo = new AsyncDisposableStack();
  // A take-over that is given up leaves the machine as it was.
  undo.defer(() => (adopted && run.signal.aborted ? vm.detach() : vm.kill()));
  try {
    // What stands still for want of something goes on with whoever took it over.
    const standsStill = adopted && (vm.problem ?? null) !== null;
    const guest = undo.use(await needs.attach(vm, { driver, waitsForAgent: !standsStill, signal }));
    if (!standsStill) {
      clock.mark('session');
      await engineReady(vm, signal);
      clock.mark('engine');
    }
    const timings = clock.timings(adopted);
    const noted = needs.store.write(recordOf(begun, { state: 'running', lastStart: timings, problem: null }));
    // A full disk may have no room for that either; the record says that it runs.
    await (standsStill ? noted.catch(() => undefined) : noted);
    undo.move();
    return { driver, spec, vm, guest, timings };
  } catch (error) {
    run.signal.throwIfAborted();
    const why = timeout.aborted ? `no answer within ${readyTimeoutMs / 1000} s` : (error as Error).message;
    throw new VmStartError(`the engine did not come up: ${why}`, {
      consoleTail: await vm.consoleTail(tailLines),
      cause: error,
    });
  }
}

interface Failure {
  needs: StartDependencies;
  run: StartRun;
  begun: { driver: VmDriver; spec: VmSpec };
  lastStart: MachineRecord['lastStart'];
  error: unknown;
}

/** Nothing runs any more. When even that cannot be written, the failure itself is what has to be told. */
async function recordFailure({ needs, run, begun, lastStart, error }: Failure): Promise<void> {
  const problem = run.signal.aborted ? null : (error as Error).message;
  await needs.store.write(recordOf(begun, { state: 'stopped', lastStart, problem })).catch(() => undefined);
}

function driverOptions(run: StartRun, clock: PhaseClock): VmStartOptions {
  return { signal: run.signal, onProgress: ({ phase }) => clock.mark(phase) };
}

function recordOf(
  machine: { driver: VmDriver; spec: VmSpec },
  rest: Pick<MachineRecord, 'state' | 'lastStart' | 'problem'>,
): MachineRecord {
  const { cpus, memoryMiB, diskGiB, architecture } = machine.spec;
  const kind = { driver: machine.driver.name, ...(architecture && { architecture }) };
  return { ...kind, cpus, memoryMiB, diskGiB, ...rest };
}

/** Counts every phase from one beginning, whichever layer reports it. */
class PhaseClock {
  readonly #startedAt = new Date();
  readonly #start = performance.now();
  readonly #phases: StartPhase[] = [];
  readonly #onPhase: (phase: StartPhase) => void;

  constructor(onPhase: (phase: StartPhase) => void) {
    this.#onPhase = onPhase;
  }

  mark(phase: string): void {
    const marked = { phase, atMs: Math.round(performance.now() - this.#start) };
    this.#phases.push(marked);
    this.#onPhase(marked);
  }

  timings(adopted: boolean) {
    const totalMs = Math.round(performance.now() - this.#start);
    return { startedAt: this.#startedAt.toISOString(), adopted, totalMs, phases: [...this.#phases] };
  }
}
