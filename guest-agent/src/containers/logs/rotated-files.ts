import { createReadStream, createWriteStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Names as Docker's: LOG is the current file, LOG.1 (or LOG.1.gz) the one before, and so on. */
const olderFile = (path: string, age: number, compress: boolean) => `${path}.${age}${compress ? '.gz' : ''}`;

/** Makes room for a new current file: every older one gets older by one, the oldest goes. */
export async function moveAside(path: string, { maxFiles, compress }: { maxFiles: number; compress: boolean }) {
  if (maxFiles < 2) return await rm(path, { force: true });
  await rm(olderFile(path, maxFiles - 1, compress), { force: true });
  for (let age = maxFiles - 1; age > 1; age--) {
    await renameIfThere(olderFile(path, age - 1, compress), olderFile(path, age, compress));
  }
  await renameIfThere(path, olderFile(path, 1, false));
}

/** The plain file goes once the compressed one is complete: a reader always finds one of them. */
export async function compressNewest(path: string): Promise<void> {
  const plain = olderFile(path, 1, false);
  const packed = olderFile(path, 1, true);
  const partial = `${packed}.partial`;
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(partial, { mode: 0o640 }));
  await rename(partial, packed);
  await rm(plain, { force: true });
}

/** Opens the current file (age 0) or an older one, unpacked; null where there is none. */
export async function openLogFile(path: string, age: number): Promise<FileHandle | null> {
  if (age === 0) return await openIfThere(path);
  return (await openIfThere(olderFile(path, age, false))) ?? (await openPacked(olderFile(path, age, true)));
}

/** Unpacks into a file that has no name any more: tails need to read backwards. */
async function openPacked(path: string): Promise<FileHandle | null> {
  const packed = await openIfThere(path);
  if (!packed) return null;
  const unpacked = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await pipeline(packed.createReadStream(), createGunzip(), createWriteStream(unpacked, { mode: 0o600 }));
    return await open(unpacked, 'r');
  } finally {
    await rm(unpacked, { force: true });
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return await open(path, 'r').catch(nullIfMissing);
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch(nullIfMissing);
}

function nullIfMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
