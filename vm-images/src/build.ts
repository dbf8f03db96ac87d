import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buildAgent } from './build-agent.ts';
import { buildSystem } from './build-system.ts';
import { fileDigest, textDigest, treeDigest } from './digest.ts';
import { buildPaths, recipeInputs } from './layout.ts';
import { describeFile, isComplete, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { candidateVersions } from './packages.ts';
import { nodeBinary } from './root-tree.ts';
import { type Architecture, readVersions } from './versions.ts';

export interface BuildOptions {
  architecture: Architecture;
  /** Path of the agent's bundle. */
  bundle: string;
  /** Build even if no input changed. */
  force: boolean;
  /** Look at the package index now, not at most once a day. */
  refresh: boolean;
}

/** What had to be built: nothing, the agent's disk only, or everything. */
export type BuildResult = { built: 'nothing' | 'agent' | 'all'; manifest: Manifest };

/** Brings vm-images/out/<architecture> up to date with its inputs. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const { architecture, bundle } = options;
  const versions = await readVersions();
  const paths = buildPaths(architecture);
  const packages = await candidateVersions(architecture, versions, options.refresh);
  const nodeVersion = await versionOfNode(versions.nodePackages[architecture]);
  const inputs = {
    system: textDigest(JSON.stringify([await treeDigest(recipeInputs), packages, nodeVersion])),
    agent: await fileDigest(bundle),
  };

  const old = await readManifest(paths.image);
  const usable = old !== null && !options.force && (await isComplete(paths.image, old));
  if (usable && old.inputs.system === inputs.system && old.inputs.agent === inputs.agent) {
    return { built: 'nothing', manifest: old };
  }
  const keepSystem = usable && old.inputs.system === inputs.system;
  const kernelRelease = keepSystem ? old.kernelRelease : await buildSystem({ architecture, versions, paths });
  await buildAgent({ bundle, architecture, versions, paths });

  const files = keepSystem
    ? { ...old.files, agent: await describeFile(paths.image, 'agent') }
    : await describeAll(paths.image);
  const suite = versions.suite;
  const manifest: Manifest = {
    formatVersion: 1,
    architecture,
    suite,
    kernelRelease,
    nodeVersion,
    packages,
    inputs,
    files,
  };
  await writeManifest(paths.image, manifest);
  return { built: keepSystem ? 'agent' : 'all', manifest };
}

async function describeAll(imageDir: string): Promise<Manifest['files']> {
  return {
    kernel: await describeFile(imageDir, 'kernel'),
    initramfs: await describeFile(imageDir, 'initramfs'),
    root: await describeFile(imageDir, 'root'),
    agent: await describeFile(imageDir, 'agent'),
  };
}

async function versionOfNode(nodePackage: string): Promise<string> {
  const file = path.join(path.dirname(nodeBinary(nodePackage)), '../package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
