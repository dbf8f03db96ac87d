import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { makeDiskImage } from './disk-image.ts';
import { builderPrograms, type BuildPaths, imageFiles } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

export interface BuilderBuild {
  /** Are there programs to pack? */
  present: boolean;
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Packs buildkitd and what goes with it into a disk of its own; without them, an earlier disk is taken away. */
export async function buildBuilder({ present, architecture, versions, paths }: BuilderBuild): Promise<void> {
  const finished = path.join(paths.image, imageFiles.builder);
  if (!present) return await rm(finished, { force: true });
  await using work = await openWorkFolder();
  const tree = path.join(work.path, 'builder');
  await mkdir(tree, { recursive: true });
  for (const program of builderPrograms(architecture)) await cp(program, path.join(tree, path.basename(program)));
  // A second plugin that CNI asks for; the first one answers for it.
  await symlink('step-network', path.join(tree, 'loopback'));
  const packed = path.join(work.path, imageFiles.builder);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, finished);
}
