import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VmStartError } from '../driver.ts';
import { firstDataVersion } from './data-version.ts';
import { checkFiles, type ImageFile } from './check-files.ts';

/** What WSL imports, checked against its manifest. */
export interface WslImage {
  /** The machine's root file system, a tar file. */
  root: string;
  /** Tells one root file system from another. */
  digest: string;
  /** The distribution that keeps the data, a tar file. */
  data: string;
  /** Of the layout in which it writes its data; greater ones read smaller ones. */
  dataVersion: number;
}

interface Manifest {
  dataVersion?: number;
  files: Record<'root' | 'data', ImageFile>;
}

const remedy = 'make it with `node vm-images/src/main.ts wsl`';

/** Rejects with {@link VmStartError} naming the file and the remedy. `cacheFile`: what was checked already. */
export async function openWslImage(imageDir: string, cacheFile: string): Promise<WslImage> {
  const file = path.join(imageDir, 'wsl.json');
  const { files, dataVersion = firstDataVersion } = await readManifest(file);
  await checkFiles(imageDir, [files.root, files.data], cacheFile);
  const at = ({ name }: ImageFile) => path.join(imageDir, name);
  return { root: at(files.root), digest: files.root.digest, data: at(files.data), dataVersion };
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Partial<Manifest>;
    if (manifest.files?.root && manifest.files.data) return manifest as Manifest;
  } catch (cause) {
    throw new VmStartError(`there is no WSL image: ${file} cannot be read; ${remedy}`, { cause });
  }
  throw new VmStartError(`the WSL image's ${file} is corrupt; ${remedy}`);
}
