import type { Environment } from '../config/env.ts';
import { findInstallation, type Installation } from '../config/installation.ts';
import type { Paths } from '../config/paths.ts';
import { readSettingsFile } from '../config/settings-file.ts';
import { type Architecture, architectureOf } from '../vm/architecture.ts';
import type { VmCapabilities } from '../vm/driver.ts';
import { createDrivers, type DriverSet } from '../vm/drivers.ts';

/** What the checks look at. */
export interface DoctorHost {
  paths: Paths;
  environment: Environment;
  installation: Installation;
  driver: DriverFact;
  /** Of the machine; null: this host's, for which there is no VM. */
  architecture: Architecture | null;
}

/** Which driver the next start would take. */
export interface DriverFact {
  /** What settings.json asks for: 'auto' or a name. */
  asked: string;
  /** What it comes to; null: this host can use none. */
  chosen: { name: string; detail: string } | null;
  /** What it starts a machine from; null: containers run on this host itself. */
  image: VmCapabilities['image'];
  /** Why none can be used; null when one can. */
  problem: string | null;
}

export async function lookAtHost(paths: Paths, environment: Environment): Promise<DoctorHost> {
  const installation = findInstallation(environment);
  // What is wrong with the file is its own check's finding.
  const settings = await readSettingsFile(paths.settings).catch(() => null);
  const { driver: asked = 'auto', architecture = architectureOf(process.arch) } = settings ?? {};
  return {
    paths,
    environment,
    installation,
    architecture,
    driver: await driverFact(createDrivers(installation), asked),
  };
}

async function driverFact(drivers: DriverSet, asked: string): Promise<DriverFact> {
  try {
    const driver = await drivers.choose(asked);
    const checked = await driver.check();
    const detail = checked.usable ? checked.detail : '';
    const { image } = driver.capabilities;
    return { asked, chosen: { name: driver.name, detail }, image, problem: null };
  } catch (error) {
    return { asked, chosen: null, image: imageOf(drivers, asked), problem: (error as Error).message };
  }
}

/** What is best on this platform, where that is left to us. */
function imageOf(drivers: DriverSet, asked: string): VmCapabilities['image'] {
  try {
    return drivers.get(asked).capabilities.image;
  } catch {
    return process.platform === 'win32' ? 'wsl' : 'vm';
  }
}
