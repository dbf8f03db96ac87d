import { stat } from 'node:fs/promises';
import path from 'node:path';
import { VmStartError } from '../driver.ts';
import { DigestCache } from './digest-cache.ts';

/** A file of an image as its manifest has it. */
export interface ImageFile {
  name: string;
  sizeBytes: number;
  digest: string;
}

export const remedy = 'run scripts/setup to build it again';

/** Rejects with {@link VmStartError} naming the first file that is not as it should be. */
export async function checkFiles(imageDir: string, files: readonly ImageFile[], cacheFile: string): Promise<void> {
  await using digests = await DigestCache.open(cacheFile);
  for (const file of files) await checkFile(path.join(imageDir, file.name), file, digests);
}

async function checkFile(file: string, expected: ImageFile, digests: DigestCache): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new VmStartError(`the VM image is incomplete: ${file} is missing; ${remedy}`, { cause });
  });
  if (found.size !== expected.sizeBytes) {
    throw new VmStartError(
      `the VM image is corrupt: ${file} has ${found.size} bytes instead of ${expected.sizeBytes}; ${remedy}`,
    );
  }
  if ((await digests.of(file)) !== expected.digest) {
    throw new VmStartError(`the VM image is corrupt: ${file} does not have its manifest's digest; ${remedy}`);
  }
}
