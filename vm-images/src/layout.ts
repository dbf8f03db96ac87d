import path from 'node:path';
import { type Architecture, hostArchitecture } from './versions.ts';

/** Every path the recipe reads or writes. */
export const recipeDir = path.resolve(import.meta.dirname, '..');
export const repositoryDir = path.dirname(recipeDir);
export const outDir = path.join(recipeDir, 'out');
export const agentBundleDir = path.join(repositoryDir, 'guest-agent/dist');

/** Folders and files of the recipe whose content decides what the root and the initramfs hold. */
export const recipeInputs = ['initramfs', 'kernel', 'rootfs', 'src', 'versions.json'].map((name) =>
  path.join(recipeDir, name),
);

/** File names of a finished image; the daemon reads the same names from the manifest. */
export const imageFiles = {
  kernel: 'vmlinux',
  initramfs: 'initramfs.cpio',
  root: 'root.img',
  agent: 'agent.img',
  emulator: 'emulator.img',
  builder: 'builder.img',
  manifest: 'manifest.json',
} as const;

export interface BuildPaths {
  /** Finished files. */
  image: string;
  /** Answer of the last look at the package index. */
  packages: string;
}

export function buildPaths(architecture: Architecture): BuildPaths {
  return {
    image: path.join(outDir, architecture),
    packages: path.join(outDir, `packages-${architecture}.json`),
  };
}

/** What scripts/setup makes where there is a Go; a VM image without these cannot build images. */
export function builderPrograms(architecture: Architecture): string[] {
  const folder = path.join(outDir, `programs${suffix(architecture)}`);
  return ['buildkitd', 'context-session', 'step-network'].map((name) => path.join(folder, name));
}

export function sampleImagePath(architecture: Architecture): string {
  return path.join(outDir, `sample-busybox${suffix(architecture)}.tar`);
}

/** What is for this host's own processor has the plain name. */
function suffix(architecture: Architecture): string {
  return architecture === hostArchitecture ? '' : `-${architecture}`;
}
