import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDiskImage } from './disk-image.ts';
import { makeInitramfs } from './initramfs.ts';
import { readKernel } from './kernel.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import { openModuleTree } from './modules.ts';
import { finishRootTree } from './root-tree.ts';
import { unpackPackages } from './unpack.ts';
import type { Architecture, Versions } from './versions.ts';

export interface SystemBuild {
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Builds kernel, initramfs and root into `paths.image`; gives the kernel's release. */
export async function buildSystem({ architecture, versions, paths }: SystemBuild): Promise<string> {
  await mkdir(paths.image, { recursive: true });
  const unpack = { architecture, versions };
  await unpackPackages({ ...unpack, packages: versions.donorPackages, target: paths.donor });
  await unpackPackages({ ...unpack, packages: versions.rootPackages, target: paths.root });
  const modules = await openModuleTree(paths.donor);
  await finishRootTree({ root: paths.root, donor: paths.donor, architecture, versions, modules });

  await publish(paths, 'kernel', await readKernel(paths.donor));
  await publish(paths, 'initramfs', await makeInitramfs(paths.donor, modules));
  const packed = path.join(paths.work, imageFiles.root);
  await makeDiskImage(paths.root, packed, versions);
  await rename(packed, path.join(paths.image, imageFiles.root));
  await rm(paths.work, { recursive: true });
  return modules.release;
}

/** By rename: a VM that runs from the old file keeps it. */
async function publish(paths: BuildPaths, part: 'kernel' | 'initramfs', content: Uint8Array): Promise<void> {
  const file = path.join(paths.work, imageFiles[part]);
  await writeFile(file, content);
  await rename(file, path.join(paths.image, imageFiles[part]));
}
