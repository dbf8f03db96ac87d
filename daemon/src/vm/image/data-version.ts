import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../concurrency/atomic-file.ts';
import { VmStartError } from '../driver.ts';

/** What images write that do not say. */
export const firstDataVersion = 1;

/**
 * Notes by which version of its layout the machine's data are written from now on. Rejects with {@link VmStartError}
 * when they have been written by a newer image than this one, which could not read them.
 */
export async function claimData(file: string, version: number): Promise<void> {
  const found = await versionIn(file);
  if (found > version) {
    throw new VmStartError(
      `the machine's data are of a newer VM image (their layout is ${found}, this image's ${version}): update berth and run scripts/setup, or start anew with \`berth delete\``,
    );
  }
  await writeFileAtomically(file, `${JSON.stringify({ version })}\n`);
}

async function versionIn(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return 0;
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === 'number') return version;
  } catch {
    // Told below.
  }
  throw new VmStartError(`${file} is damaged: remove it if the machine's data are not of a newer berth than this`);
}
