import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeCompileCache } from './compile-cache.ts';
import { makeDiskImage } from './disk-image.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';

export interface AgentBuild {
  /** The bundle, one ESM file. */
  bundle: string;
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Packs the agent's bundle into its own small disk. */
export async function buildAgent({ bundle, architecture, versions, paths }: AgentBuild): Promise<void> {
  const tree = path.join(paths.work, 'agent');
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  await mkdir(paths.image, { recursive: true });
  const installed = path.join(tree, 'agent.mjs');
  await cp(bundle, installed);
  await writeCompileCache(installed, architecture, versions);
  const packed = path.join(paths.work, imageFiles.agent);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, path.join(paths.image, imageFiles.agent));
  await rm(tree, { recursive: true });
}
