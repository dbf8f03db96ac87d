import type { Architecture } from './architecture.ts';
import type { VmDriver } from './driver.ts';
import { createLinuxDriver } from './drivers/linux/driver.ts';
import { createQemuDriver } from './drivers/qemu/driver.ts';
import { findVirtiofsd } from './drivers/qemu/virtiofs/program.ts';
import { createWsl2Driver } from './drivers/wsl2/driver.ts';

/** `auto` takes the first of these that this host can use: a microVM before the host itself. */
const autoOrder = process.platform === 'win32' ? ['wsl2'] : ['qemu', 'linux'];

export interface DriverSetOptions {
  /** Program and arguments that run the guest agent on this host (linux driver). */
  agentCommand: readonly [string, ...string[]];
  /** The same for containerd. */
  containerdCommand: readonly [string, ...string[]];
  /** Folder of a processor's VM image (drivers that boot one). */
  imageDir: (architecture: Architecture) => string;
  /** The wsl.exe to use; left out: the one on PATH. */
  wslProgram?: string;
}

/** No driver of that name, or none that this host can use; the message says what to do. */
export class DriverChoiceError extends Error {
  override readonly name = 'DriverChoiceError';
}

/** The drivers there are. Nothing outside this file knows their names. */
export class DriverSet {
  readonly #drivers: ReadonlyMap<string, VmDriver>;

  constructor(drivers: readonly VmDriver[]) {
    this.#drivers = new Map(drivers.map((driver) => [driver.name, driver]));
  }

  get all(): VmDriver[] {
    return [...this.#drivers.values()];
  }

  get names(): string[] {
    return [...this.#drivers.keys()];
  }

  /** By name, whether usable or not. */
  get(name: string): VmDriver {
    const driver = this.#drivers.get(name);
    if (driver) return driver;
    throw new DriverChoiceError(`there is no driver '${name}': use ${listed(['auto', ...this.#drivers.keys()])}`);
  }

  /** The driver called `name`, or with 'auto' the best one; rejects when this host cannot use it. */
  async choose(name: string): Promise<VmDriver> {
    const names = name === 'auto' ? autoOrder.filter((candidate) => this.#drivers.has(candidate)) : [name];
    const problems: string[] = [];
    for (const driver of names.map((candidate) => this.get(candidate))) {
      const found = await driver.check();
      if (found.usable) return driver;
      problems.push(`${driver.name}: ${found.problem}`);
    }
    throw new DriverChoiceError(problems.join('; '));
  }
}

export function createDrivers(options: DriverSetOptions): DriverSet {
  return new DriverSet([
    createQemuDriver(options),
    createLinuxDriver(options),
    createWsl2Driver({ ...options, program: options.wslProgram }),
  ]);
}

/** Whether this host has a virtiofsd, with which a driver that can show folders shows them. */
export async function hasVirtiofs(): Promise<boolean> {
  return process.platform === 'linux' && 'file' in (await findVirtiofsd());
}

/** 'a, b or c'. */
function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
