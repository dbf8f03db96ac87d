import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The folders under `dirs` by the host that they are named after. */
export async function certificateFolders(dirs: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const folders = new Map<string, string[]>();
  for (const dir of dirs) {
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
      if (entry.isFile()) continue;
      folders.set(entry.name, [...(folders.get(entry.name) ?? []), path.join(dir, entry.name)]);
    }
  }
  return folders;
}
