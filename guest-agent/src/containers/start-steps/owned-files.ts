import { chown, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Owner } from '../../userns/id-mapping.ts';

/** Writes a file that belongs to the containers' root; undefined: to the machine's. */
export async function writeOwned(file: string, content: string | Buffer, owner: Owner | undefined): Promise<void> {
  await writeFile(file, content);
  if (owner) await chown(file, owner.uid, owner.gid);
}

/** Makes a folder and what is missing above it; only what is new gets the owner. */
export async function makeOwnedFolder(folder: string, owner: Owner | undefined): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (!owner || first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
    await chown(made, owner.uid, owner.gid);
  }
}
