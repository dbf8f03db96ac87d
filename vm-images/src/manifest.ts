import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileDigest } from './digest.ts';
import { imageFiles } from './layout.ts';
import type { PackageVersions } from './packages.ts';
import type { Architecture } from './versions.ts';

export interface ManifestFile {
  name: string;
  sizeBytes: number;
  digest: string;
}

export type ImagePart = Exclude<keyof typeof imageFiles, 'manifest'>;

/** null: it is left out. */
export interface Inputs {
  system: string;
  agent: string;
  builder: string | null;
}

export type Files = Record<Exclude<ImagePart, 'builder'>, ManifestFile> & Partial<Record<'builder', ManifestFile>>;

/** What an image is made of. The daemon checks `files` before it boots. */
export interface Manifest {
  formatVersion: 1;
  architecture: Architecture;
  suite: string;
  kernelRelease: string;
  nodeVersion: string;
  /** Exact version of every Debian package that went in. */
  packages: PackageVersions;
  /** Digests of what the parts were built from: unchanged means that nothing has to be built. */
  inputs: Inputs;
  files: Files;
}

export async function readManifest(imageDir: string): Promise<Manifest | null> {
  try {
    return JSON.parse(await readFile(path.join(imageDir, imageFiles.manifest), 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

export async function describeFile(imageDir: string, part: ImagePart): Promise<ManifestFile> {
  const name = imageFiles[part];
  const file = path.join(imageDir, name);
  return { name, sizeBytes: (await stat(file)).size, digest: await fileDigest(file) };
}

/** Written last and at once, so that a manifest always describes files that are complete. */
export async function writeManifest(imageDir: string, manifest: Manifest): Promise<void> {
  const file = path.join(imageDir, imageFiles.manifest);
  await writeFile(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** True when every file of the manifest is there in its size. */
export async function isComplete(imageDir: string, manifest: Manifest): Promise<boolean> {
  const sizes = await Promise.all(
    Object.values(manifest.files).map(async (file) => {
      const found = await stat(path.join(imageDir, file.name)).catch(() => null);
      return found?.size === file.sizeBytes;
    }),
  );
  return sizes.every((matches) => matches);
}
