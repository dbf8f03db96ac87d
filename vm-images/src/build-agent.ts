import { cp, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { writeCompileCache } from './compile-cache.ts';
import { makeDiskImage } from './disk-image.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

export interface AgentBuild {
  /** The bundle, one ESM file. */
  bundle: string;
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

/** Packs the agent's bundle into its own small disk. */
export async function buildAgent({ bundle, architecture, versions, paths }: AgentBuild): Promise<void> {
  await using work = await openWorkFolder();
  const tree = path.join(work.path, 'agent');
  await mkdir(tree, { recursive: true });
  await mkdir(paths.image, { recursive: true });
  const installed = path.join(tree, 'agent.mjs');
  await cp(bundle, installed);
  await writeCompileCache(installed, architecture, versions);
  const packed = path.join(work.path, imageFiles.agent);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, path.join(paths.image, imageFiles.agent));
}
