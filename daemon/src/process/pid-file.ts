import { open, readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export async function writePidFile(file: string, identity: ProcessIdentity): Promise<void> {
  const text = `${JSON.stringify(identity)}\n`;
  await writeFileAtomically(file, text).catch(async (error: Error) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== 'ENOSPC') throw error;
    await overwrite(file, text).catch(() => Promise.reject(error));
  });
}

/** Takes no more of the disk than the old text had: a service has to come back on a full one, too. */
async function overwrite(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.write(text, 0);
  await handle.truncate(Buffer.byteLength(text));
}

/** The process the file names, if it still runs; a stale or unreadable file counts as none and is removed. */
export async function readPidFile(file: string): Promise<ProcessIdentity | null> {
  const identity = parse(await readFile(file, 'utf8').catch(() => ''));
  if (identity && (await isAlive(identity))) return identity;
  await rm(file, { force: true });
  return null;
}

function parse(text: string): ProcessIdentity | null {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity> | null;
    if (typeof value?.pid !== 'number' || typeof value.started !== 'string') return null;
    return { pid: value.pid, started: value.started };
  } catch {
    return null;
  }
}
