import { access, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import type { WslImage } from '../../image/wsl-image.ts';
import type { Wsl2Files } from './files.ts';
import type { Wsl } from './wsl.ts';

/** WSL's name for the disk in a distribution's folder. */
const diskName = 'ext4.vhdx';

/**
 * Registers what is missing, and the machine anew when the image is another than the one it was made from. The data's
 * distribution is never replaced. Neither may run.
 */
export async function prepareDistributions(wsl: Wsl, files: Wsl2Files, image: WslImage): Promise<void> {
  const known = await wsl.distributions();
  if (!known.includes(files.data)) await registerData(wsl, files, image);
  if (known.includes(files.machine) && (await importedFrom(files)) === image.digest) return;
  // An import that breaks off leaves none, or one without a record.
  await rm(files.importRecord, { force: true });
  await wsl.unregister(files.machine);
  await importAnew(wsl, { name: files.machine, folder: files.machineDir, tar: image.root });
  await writeFileAtomically(files.importRecord, `${JSON.stringify({ digest: image.digest })}\n`);
}

/** Forgets both, with their disks. Nothing happens where there never were any. */
export async function removeDistributions(wsl: Wsl, files: Wsl2Files): Promise<void> {
  if (!(await exists(files.dataRecord)) && !(await exists(files.machineDir))) return;
  for (const name of [files.machine, files.data]) await wsl.unregister(name);
}

/** A disk whose registration was lost, as a new Windows loses it, is taken as it is. */
async function registerData(wsl: Wsl, files: Wsl2Files, image: WslImage): Promise<void> {
  if (await exists(files.dataRecord)) {
    await wsl.importInPlace(files.data, path.join(files.dataDir, diskName));
  } else {
    await importAnew(wsl, { name: files.data, folder: files.dataDir, tar: image.data });
    await writeFileAtomically(files.dataRecord, '{}\n');
  }
}

interface Import {
  name: string;
  folder: string;
  tar: string;
}

/** WSL takes no folder that holds anything, as a broken import leaves it. */
async function importAnew(wsl: Wsl, { name, folder, tar }: Import): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await wsl.import(name, { folder, tar });
}

/** null: not known. */
async function importedFrom({ importRecord }: Wsl2Files): Promise<string | null> {
  try {
    return (JSON.parse(await readFile(importRecord, 'utf8')) as { digest: string }).digest;
  } catch {
    return null;
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
