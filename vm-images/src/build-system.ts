import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDiskImage } from './disk-image.ts';
import { makeEmulatorTree } from './emulator.ts';
import { makeInitramfs } from './initramfs.ts';
import { readKernel } from './kernel.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import { openModuleTree } from './modules.ts';
import { buildOwnModules } from './own-modules.ts';
import { finishRootTree } from './root-tree.ts';
import { unpackPackages } from './unpack.ts';
import { type Architecture, donorPackages, type Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

export interface SystemBuild {
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Builds kernel, initramfs, root and the emulator's disk into `paths.image`; gives the kernel's release. */
export async function buildSystem({ architecture, versions, paths }: SystemBuild): Promise<string> {
  await mkdir(paths.image, { recursive: true });
  await using work = await openWorkFolder();
  const [root, donor, tools] = ['root', 'donor', 'tools'].map((name) => path.join(work.path, name)) as [
    string,
    string,
    string,
  ];
  const unpack = { architecture, versions };
  await unpackPackages({ ...unpack, packages: donorPackages(versions, architecture), target: donor });
  await unpackPackages({ ...unpack, packages: versions.rootPackages, target: root });
  await buildOwnModules({ donor, tools, architecture, versions }).catch((error: Error) => {
    console.error(`the image goes without 9p: its modules could not be built: ${error.message.split('\n')[0]}`);
  });
  const modules = await openModuleTree(donor);
  await finishRootTree({ root, donor, architecture, versions, modules });

  const at = (part: keyof typeof imageFiles) => path.join(work.path, imageFiles[part]);
  await writeFile(at('kernel'), await readKernel(donor, architecture));
  await writeFile(at('initramfs'), await makeInitramfs(donor, modules));
  await makeDiskImage(root, at('root'), versions);
  await makeDiskImage(await makeEmulatorTree(donor, architecture), at('emulator'), versions);
  // By rename: a VM that runs from the old files keeps them.
  for (const part of ['kernel', 'initramfs', 'root', 'emulator'] as const) {
    await rename(at(part), path.join(paths.image, imageFiles[part]));
  }
  return modules.release;
}
