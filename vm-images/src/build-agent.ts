import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { agentNodeFlags } from '@berth/guest-agent/api';
import { keepCompiledForm } from './compiled-form.ts';
import { fileDigest, textDigest } from './digest.ts';
import { makeDiskImage } from './disk-image.ts';
import { type BuildPaths, imageFiles } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

export interface AgentBuild {
  /** Folder with the agent's bundle and what starts it. */
  bundle: string;
  architecture: Architecture;
  versions: Versions;
  paths: BuildPaths;
}

const programs = ['agent.cjs', 'start.cjs'];

/** Of everything that goes in. */
export async function agentDigest(bundle: string): Promise<string> {
  const digests = await Promise.all(programs.map((name) => fileDigest(path.join(bundle, name))));
  return textDigest([...digests, ...agentNodeFlags].join(' '));
}

/** Packs the agent into its own small disk. */
export async function buildAgent({ bundle, architecture, versions, paths }: AgentBuild): Promise<void> {
  await using work = await openWorkFolder();
  const tree = path.join(work.path, 'agent');
  await mkdir(tree, { recursive: true });
  await mkdir(paths.image, { recursive: true });
  for (const name of programs) await cp(path.join(bundle, name), path.join(tree, name));
  await writeFile(path.join(tree, 'node-flags'), `${agentNodeFlags.join(' ')}\n`);
  await keepCompiledForm(tree, architecture, versions);
  const packed = path.join(work.path, imageFiles.agent);
  await makeDiskImage(tree, packed, versions);
  await rename(packed, path.join(paths.image, imageFiles.agent));
}
