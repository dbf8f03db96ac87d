import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { outDir } from './layout.ts';

/** A folder of one build's own, beside the results so that these can be renamed into place; gone when disposed. */
export interface WorkFolder extends AsyncDisposable {
  path: string;
}

const prefix = 'work-';
const abandonedAfterMs = 3600 * 1000;

/** Builds may run at the same time, so none uses another's folder. What killed ones left is removed after an hour. */
export async function openWorkFolder(): Promise<WorkFolder> {
  await mkdir(outDir, { recursive: true });
  await removeAbandoned();
  const folder = await mkdtemp(path.join(outDir, prefix));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function removeAbandoned(): Promise<void> {
  const names = (await readdir(outDir)).filter((name) => name.startsWith(prefix));
  for (const folder of names.map((name) => path.join(outDir, name))) {
    const found = await stat(folder).catch(() => null);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(folder, { recursive: true, force: true });
  }
}
