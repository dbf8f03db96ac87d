import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SystemError } from '../../api/index.ts';
import { parseCdiSpec, type CdiSpec } from './cdi-spec.ts';
import type { DeviceEdits } from './container-edits.ts';

interface CdiDevice {
  spec: CdiSpec;
  edits: DeviceEdits;
  /** Of its folder: files in later folders win. */
  priority: number;
}

interface Inventory {
  devices: Map<string, CdiDevice>;
  /** By file: why it, or some of it, does not count. */
  errors: Map<string, string>;
}

/** Devices that CDI specifications in some folders describe. The files are read anew each time: they come and go. */
export class CdiDevices {
  readonly dirs: readonly string[];

  constructor(dirs: readonly string[]) {
    this.dirs = dirs;
  }

  /** Full names ('vendor.com/class=name') in order, and what is wrong with files that do not count. */
  async list(): Promise<{ names: string[]; warnings: string[] }> {
    const { devices, errors } = await this.#read();
    const warnings = [...errors].map(([file, why]) => `CDI: Error associated with spec file ${file}: ${why}`);
    return { names: [...devices.keys()].sort(), warnings };
  }

  /** What the devices change, each specification's own changes before its first device's. */
  async edits(names: readonly string[]): Promise<DeviceEdits[]> {
    const { devices } = await this.#read();
    const missing = names.filter((name) => !devices.has(name));
    if (missing.length > 0) {
      throw new SystemError(`CDI device injection failed: unresolvable CDI devices ${missing.join(', ')}`);
    }
    const seen = new Set<CdiSpec>();
    return names.flatMap((name) => {
      const { spec, edits } = devices.get(name) as CdiDevice;
      const isFirst = !seen.has(spec);
      seen.add(spec);
      return isFirst && spec.containerEdits ? [spec.containerEdits, edits] : [edits];
    });
  }

  async #read(): Promise<Inventory> {
    const inventory: Inventory = { devices: new Map(), errors: new Map() };
    const conflicts = new Set<string>();
    for (const [priority, dir] of this.dirs.entries()) {
      for (const file of await specFiles(dir)) {
        const spec = await readSpec(file, inventory.errors);
        if (spec) addDevices(inventory, { spec, file, priority, conflicts });
      }
    }
    for (const name of conflicts) inventory.devices.delete(name);
    return inventory;
  }
}

async function specFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .sort()
    .map((name) => path.join(dir, name));
}

async function readSpec(file: string, errors: Map<string, string>): Promise<CdiSpec | null> {
  try {
    return parseCdiSpec(await readFile(file, 'utf8'));
  } catch (error) {
    errors.set(file, (error as Error).message);
    return null;
  }
}

/** Two of the same name in one folder are both out, as nobody can tell which is meant. */
function addDevices(
  { devices, errors }: Inventory,
  { spec, file, priority, conflicts }: { spec: CdiSpec; file: string; priority: number; conflicts: Set<string> },
): void {
  for (const { name, containerEdits } of spec.devices) {
    const full = `${spec.kind}=${name}`;
    const other = devices.get(full);
    if (other?.priority === priority) {
      conflicts.add(full);
      errors.set(file, `conflicting device "${full}"`);
    } else {
      conflicts.delete(full);
    }
    devices.set(full, { spec, edits: containerEdits, priority });
  }
}
