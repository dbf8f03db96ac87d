import { rm } from 'node:fs/promises';
import type { VmDriver } from './driver.ts';

/** Deletes the folder's machine with all that is in it. Nothing runs any more, and the caller holds the folder's lock. */
export async function deleteMachine(drivers: readonly VmDriver[], instanceDir: string): Promise<void> {
  // Over time a folder may have had machines of several drivers.
  for (const driver of drivers) await driver.releaseFolder?.(instanceDir);
  await rm(instanceDir, { recursive: true, force: true });
}
