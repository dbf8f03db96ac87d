import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from '../architecture.ts';
import { VmStartError } from '../driver.ts';
import { firstDataVersion } from './data-version.ts';
import { checkFiles, type ImageFile, remedy } from './check-files.ts';

/** Files of a VM image, checked against its manifest. */
export interface VmImage {
  kernel: string;
  initramfs: string;
  root: string;
  agent: string;
  /** Runs programs of the other processor. */
  emulator: string;
  /** BuildKit; null where the image was made without it. */
  builder: string | null;
  /** Of the layout in which it writes its data; greater ones read smaller ones. */
  dataVersion: number;
}

/** The part of the image's manifest.json that a driver needs. */
interface Manifest {
  formatVersion: 1;
  architecture: Architecture;
  dataVersion?: number;
  files: Record<Required, ImageFile> & { builder?: ImageFile };
}

const required = ['kernel', 'initramfs', 'root', 'agent', 'emulator'] as const;
type Required = (typeof required)[number];

export interface ImageQuestion {
  architecture: Architecture;
  /** Remembers what was checked by size and time, so that only changed files are read. */
  cacheFile: string;
}

/**
 * Finds the image in a folder and checks what it is for and every file's digest. Rejects with {@link VmStartError} naming the file and the remedy.
 */
export async function openVmImage(imageDir: string, { architecture, cacheFile }: ImageQuestion): Promise<VmImage> {
  const manifest = await readManifest(path.join(imageDir, 'manifest.json'));
  if (manifest.architecture !== architecture) {
    throw new VmStartError(`the VM image in ${imageDir} is for ${manifest.architecture}, not ${architecture}`);
  }
  const { files, dataVersion = firstDataVersion } = manifest;
  await checkFiles(imageDir, Object.values(files), cacheFile);
  const at = (part: Required) => path.join(imageDir, files[part].name);
  const builder = files.builder ? path.join(imageDir, files.builder.name) : null;
  const [kernel, initramfs, root, agent, emulator] = required.map(at) as [string, string, string, string, string];
  return { kernel, initramfs, root, agent, emulator, builder, dataVersion };
}

async function readManifest(file: string): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VmStartError(`there is no VM image: ${file} cannot be read; ${remedy}`, { cause });
  });
  const manifest = parse(text);
  if (manifest === null) throw new VmStartError(`the VM image's ${file} is corrupt; ${remedy}`);
  if (manifest.formatVersion !== 1) {
    throw new VmStartError(`the VM image in ${path.dirname(file)} is of another version; ${remedy}`);
  }
  return manifest;
}

function parse(text: string): Manifest | null {
  try {
    const manifest = JSON.parse(text) as Manifest | null;
    const complete = required.every((part) => typeof manifest?.files?.[part]?.digest === 'string');
    return complete ? manifest : null;
  } catch {
    return null;
  }
}
