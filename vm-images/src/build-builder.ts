import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeDiskImage } from './disk-image.ts';
import { builderPath, type BuildPaths, imageFiles } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

export interface BuilderBuild {
  /** Is there a buildkitd to pack? */
  present: boolean;
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Packs buildkitd into a disk of its own; without one, an earlier disk is taken away. */
export async function buildBuilder({ present, architecture, versions, paths }: BuilderBuild): Promise<void> {
  const finished = path.join(paths.image, imageFiles.builder);
  if (!present) return await rm(finished, { force: true });
  await using work = await openWorkFolder();
  const tree = path.join(work.path, 'builder');
  await mkdir(tree, { recursive: true });
  const program = builderPath(architecture);
  await cp(program, path.join(tree, path.basename(program)));
  const packed = path.join(work.path, imageFiles.builder);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, finished);
}
