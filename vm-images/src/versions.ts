import { readFile } from 'node:fs/promises';
import { recipeDir } from './layout.ts';

/** CPU architectures an image can be built for, by Debian's names. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** Of the machine that this runs on. */
export const hostArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** What versions.json pins: the suite and the names of packages. Exact versions go to the manifest. */
export interface Versions {
  suite: string;
  /** Seconds since 1970; every file in the image gets this time. */
  sourceDateEpoch: number;
  fsUuid: string;
  /** Debian packages that make the root file system, with their dependencies. */
  rootPackages: string[];
  /** Debian packages from which single files are taken (busybox, seccomp profile, AppArmor's parser, emulator). */
  donorPackages: string[];
  /** The donor that differs: the kernel. */
  kernelPackages: Record<Architecture, string>;
  /** What Debian built that kernel with, for modules of our own. */
  kernelCompilers: Record<Architecture, string>;
  /** npm packages with Node.js for the guest. */
  nodePackages: Record<Architecture, string>;
}

export function donorPackages(versions: Versions, architecture: Architecture): string[] {
  return [...versions.donorPackages, versions.kernelPackages[architecture]];
}

export async function readVersions(): Promise<Versions> {
  return JSON.parse(await readFile(`${recipeDir}/versions.json`, 'utf8')) as Versions;
}
