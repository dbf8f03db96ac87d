import { agentDigest, buildAgent } from './build-agent.ts';
import { buildBuilder } from './build-builder.ts';
import { buildSystem } from './build-system.ts';
import { fileDigest, textDigest, treeDigest } from './digest.ts';
import { builderPrograms, buildPaths, recipeInputs } from './layout.ts';
import {
  describeFile,
  type Files,
  type ImagePart,
  type Inputs,
  isComplete,
  type Manifest,
  readManifest,
  writeManifest,
} from './manifest.ts';
import { candidateVersions } from './packages.ts';
import { nodePackage } from './node-package.ts';
import { type Architecture, readVersions } from './versions.ts';

export interface BuildOptions {
  architecture: Architecture;
  /** Folder with the agent's bundle. */
  bundle: string;
  /** Build even if no input changed. */
  force: boolean;
  /** Look at the package index now, not at most once a day. */
  refresh: boolean;
}

/** The parts that had to be built: none, the small disks only, or everything. */
export type BuildResult = { built: 'nothing' | 'agent' | 'builder' | 'agent and builder' | 'all'; manifest: Manifest };

/** Brings vm-images/out/<architecture> up to date with its inputs. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const { architecture, bundle } = options;
  const versions = await readVersions();
  const paths = buildPaths(architecture);
  const packages = await candidateVersions(architecture, versions, options.refresh);
  const { version: nodeVersion } = await nodePackage(versions.nodePackages[architecture]);
  const inputs: Inputs = {
    system: textDigest(JSON.stringify([await treeDigest(recipeInputs), packages, nodeVersion])),
    agent: await agentDigest(bundle),
    builder: await builderDigest(architecture),
  };

  const old = await readManifest(paths.image);
  const kept = old !== null && !options.force && (await isComplete(paths.image, old)) ? old : null;
  const changed = changedInputs(kept, inputs);
  if (kept !== null && changed.length === 0) return { built: 'nothing', manifest: kept };

  const keptSystem = changed.includes('system') ? null : kept;
  const kernelRelease = keptSystem?.kernelRelease ?? (await buildSystem({ architecture, versions, paths }));
  if (changed.includes('agent')) await buildAgent({ bundle, architecture, versions, paths });
  if (changed.includes('builder'))
    await buildBuilder({ present: inputs.builder !== null, architecture, versions, paths });

  const files = await describeParts(paths.image, keptSystem, inputs);
  const suite = versions.suite;
  const manifest: Manifest = {
    ...{ formatVersion: 1, architecture, suite, kernelRelease, nodeVersion, packages, inputs, files },
  };
  await writeManifest(paths.image, manifest);
  return { built: keptSystem === null ? 'all' : (changed.join(' and ') as BuildResult['built']), manifest };
}

/** A new system has a new Node, for which the agent's disk holds compiled code. */
function changedInputs(old: Manifest | null, inputs: Inputs): Array<keyof Inputs> {
  if (old === null || old.inputs.system !== inputs.system) return ['system', 'agent', 'builder'];
  const small = ['agent', 'builder'] as const;
  return small.filter((part) => (old.inputs[part] ?? null) !== inputs[part]);
}

/** null: there is none for this architecture. */
async function builderDigest(architecture: Architecture): Promise<string | null> {
  const digests = await Promise.all(builderPrograms(architecture).map(fileDigest)).catch(() => null);
  return digests && textDigest(digests.join(' '));
}

async function describeParts(imageDir: string, keptSystem: Manifest | null, inputs: Inputs): Promise<Files> {
  const describe = (part: ImagePart) => describeFile(imageDir, part);
  return {
    kernel: keptSystem?.files.kernel ?? (await describe('kernel')),
    initramfs: keptSystem?.files.initramfs ?? (await describe('initramfs')),
    root: keptSystem?.files.root ?? (await describe('root')),
    emulator: keptSystem?.files.emulator ?? (await describe('emulator')),
    agent: await describe('agent'),
    ...(inputs.builder !== null && { builder: await describe('builder') }),
  };
}
