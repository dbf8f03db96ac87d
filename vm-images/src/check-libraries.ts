import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readElf } from './elf.ts';

/** Throws if a program or library in the tree wants a library that is not there: pruning went too far, or too little came. */
export async function checkLibraries(root: string): Promise<void> {
  const present = new Set<string>();
  const wanted: { library: string; by: string }[] = [];
  for (const entry of await readdir(path.join(root, 'usr'), { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) present.add(entry.name);
    if (!entry.isFile() || entry.name.endsWith('.ko')) continue;
    const elf = readElf(await readFile(file));
    if (elf === null) continue;
    present.add(entry.name);
    wanted.push(...elf.needed.map((library) => ({ library, by: path.relative(root, file) })));
  }
  const missing = wanted.filter(({ library }) => !present.has(library));
  if (missing.length > 0) {
    throw new Error(`missing in the root: ${missing.map(({ library, by }) => `${library} (for ${by})`).join(', ')}`);
  }
}
