import { open } from 'node:fs/promises';
import { VmStartError } from '../../driver.ts';

const bytesPerGiB = 1024 ** 3;

/**
 * Makes the data disk or grows it to `diskGiB`: a sparse file that takes room as it is used. The guest formats a new
 * one and grows its file system by itself. Shrinking would cut off data and is refused.
 */
export async function prepareDataDisk(file: string, diskGiB: number): Promise<void> {
  try {
    await using disk = await open(file, 'a', 0o600);
    const { size } = await disk.stat();
    if (size > diskGiB * bytesPerGiB) {
      throw new VmStartError(
        `the data disk has ${Math.ceil(size / bytesPerGiB)} GiB and cannot shrink to ${diskGiB}: set disk to at least that, or delete ${file} with all that is in it`,
      );
    }
    if (size < diskGiB * bytesPerGiB) await disk.truncate(diskGiB * bytesPerGiB);
  } catch (cause) {
    if (cause instanceof VmStartError) throw cause;
    throw new VmStartError(`the data disk ${file} cannot be made: ${(cause as Error).message}`, { cause });
  }
}
