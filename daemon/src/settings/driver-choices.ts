import type { DriverChoice, ShareKind } from '../api/settings.ts';
import type { VmDriver } from '../vm/driver.ts';
import type { DriverSet } from '../vm/drivers.ts';

export const machineKeys = ['cpus', 'memoryMiB', 'diskGiB', 'architecture'] as const;
export type MachineKey = (typeof machineKeys)[number];

export interface HostAbilities {
  drivers: Pick<DriverSet, 'names' | 'get' | 'choose'>;
  /** Whether this host has what serves folders by virtiofs. */
  hasVirtiofs: () => Promise<boolean>;
}

/** What a user may choose here: every driver, after the choice of none. */
export async function driverChoices({ drivers, hasVirtiofs }: HostAbilities): Promise<DriverChoice[]> {
  const virtiofs = await hasVirtiofs();
  // Where no driver can be used, whatever is said has to be put right first.
  const auto = await drivers.choose('auto').catch(() => null);
  const choice = (name: string, driver: VmDriver | null): DriverChoice => ({
    name,
    honours: honouredBy(driver),
    shareKinds: shareKindsOf(driver, virtiofs),
  });
  return [choice('auto', auto), ...drivers.names.map((name) => choice(name, drivers.get(name)))];
}

/** Which settings of the machine a driver keeps to; null: all of them. */
export function honouredBy(driver: Pick<VmDriver, 'capabilities'> | null): MachineKey[] {
  if (!driver) return [...machineKeys];
  const { limits, dataDisk, otherArchitectures } = driver.capabilities;
  const keeps = { cpus: limits, memoryMiB: limits, diskGiB: dataDisk, architecture: otherArchitectures };
  return machineKeys.filter((key) => keeps[key]);
}

function shareKindsOf(driver: VmDriver | null, virtiofs: boolean): ShareKind[] {
  if (driver?.capabilities.sharesHost) return [];
  const kinds = driver?.capabilities.hostFolders ?? [];
  return ['sftp', ...kinds.filter((kind) => kind !== 'virtiofs' || virtiofs)];
}
