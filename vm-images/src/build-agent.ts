import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeDiskImage } from './disk-image.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import type { Versions } from './versions.ts';

export interface AgentBuild {
  /** The bundle, one ESM file. */
  bundle: string;
  versions: Versions;
  paths: BuildPaths;
}

/** Packs the agent's bundle into its own small disk. */
export async function buildAgent({ bundle, versions, paths }: AgentBuild): Promise<void> {
  const tree = path.join(paths.work, 'agent');
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  await mkdir(paths.image, { recursive: true });
  await cp(bundle, path.join(tree, 'agent.mjs'));
  const packed = path.join(paths.work, imageFiles.agent);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, path.join(paths.image, imageFiles.agent));
  await rm(tree, { recursive: true });
}
