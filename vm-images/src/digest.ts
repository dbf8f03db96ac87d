import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** `sha256:…` of a file, streamed. */
export async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

export function textDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** One digest over names, modes and contents below the paths, in a fixed order; tests are left out. */
export async function treeDigest(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const root of paths) {
    for (const file of await filesBelow(root)) {
      const executable = ((await stat(file)).mode & 0o100) !== 0;
      hash.update(`${path.relative(path.dirname(root), file)}\0${executable}\0`).update(await readFile(file));
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

async function filesBelow(root: string): Promise<string[]> {
  if (!(await stat(root)).isDirectory()) return [root];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
