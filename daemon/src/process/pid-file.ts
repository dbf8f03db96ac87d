import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export async function writePidFile(file: string, identity: ProcessIdentity): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(identity)}\n`);
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
