import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface ScratchDir extends AsyncDisposable {
  path: string;
  /** A path inside. */
  file(name: string): string;
}

/** A folder of a test's own, with a short name since sockets are made in it; gone when disposed. */
export async function scratchDir(parent = tmpdir()): Promise<ScratchDir> {
  const dir = await mkdtemp(path.join(parent, 'berth-'));
  return {
    path: dir,
    file: (name) => path.join(dir, name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
