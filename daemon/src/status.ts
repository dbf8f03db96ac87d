import type { MachineStatus } from './api/status.ts';
import type { Paths } from './config/paths.ts';
import { readSettingsFile, withDefaults } from './config/settings-file.ts';
import { architectureOf } from './vm/architecture.ts';
import type { MachineRecord, MachineStore } from './vm/machine-store.ts';
import type { RunningMachine } from './vm/machine-state.ts';
import type { Machine } from './vm/machine.ts';

export interface StatusSources {
  paths: Paths;
  /** null: no daemon serves this home. */
  machine: Machine | null;
  store: MachineStore;
  /** Of the daemon itself. */
  warnings?: readonly string[];
}

/** What is known of the machine, with or without a daemon. */
export async function machineStatus({ paths, machine, store, warnings = [] }: StatusSources): Promise<MachineStatus> {
  const record = await store.read();
  const running = machine?.running ?? null;
  const size = running?.spec ?? record ?? withDefaults(await readSettingsFile(paths.settings));
  return {
    state: machine ? machine.stateName : record?.state === 'running' ? 'detached' : 'stopped',
    driver: running?.driver.name ?? record?.driver ?? null,
    accelerator: running?.vm.accelerator ?? null,
    architecture: size.architecture ?? architectureOf(process.arch),
    dockerHost: paths.dockerHost,
    cpus: size.cpus,
    memoryMiB: size.memoryMiB,
    diskGiB: size.diskGiB,
    lastStart: running?.timings ?? record?.lastStart ?? null,
    problem: problemOf(machine, record),
    halted: running?.vm.problem ?? null,
    warnings: warningsOf(running, warnings),
  };
}

/** What changes without a change of the machine's state. */
export function warningsOf(running: RunningMachine | null, daemon: readonly string[]): string[] {
  const halted = running?.vm.problem ?? null;
  return [...daemon, ...(halted === null ? [] : [halted]), ...(running?.guest.warnings() ?? [])];
}

function problemOf(machine: Machine | null, record: MachineRecord | null): string | null {
  if (machine) return machine.problem;
  if (record?.state !== 'running') return record?.problem ?? null;
  return 'the daemon has ended without its machine: `berth up` takes the machine over, `berth down` ends it';
}
