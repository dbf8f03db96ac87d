import { readFile } from 'node:fs/promises';
import { recipeDir } from './layout.ts';

/** CPU architectures an image can be built for, by Debian's names. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** What versions.json pins: the suite and the names of packages. Exact versions go to the manifest. */
export interface Versions {
  suite: string;
  /** Seconds since 1970; every file in the image gets this time. */
  sourceDateEpoch: number;
  fsUuid: string;
  /** Debian packages that make the root file system, with their dependencies. */
  rootPackages: string[];
  /** Debian packages from which single files are taken (kernel, busybox, seccomp profile, AppArmor's parser). */
  donorPackages: string[];
  /** npm packages with Node.js for the guest. */
  nodePackages: Record<Architecture, string>;
}

export async function readVersions(): Promise<Versions> {
  return JSON.parse(await readFile(`${recipeDir}/versions.json`, 'utf8')) as Versions;
}
