import { glob, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { recipeDir } from './layout.ts';
import type { Architecture, Versions } from './versions.ts';

interface Unpacking {
  architecture: Architecture;
  versions: Versions;
  packages: readonly string[];
  /** Packages whose dependencies are left out, with their architecture after a colon; left out: none. */
  alone?: readonly string[];
  target: string;
}

/**
 * Unpacks Debian packages and what they depend on into `target`. Maintainer scripts do not run: nothing of theirs is
 * needed, and so another architecture needs no emulation.
 */
export async function unpackPackages(unpacking: Unpacking): Promise<void> {
  const { architecture, versions, packages, alone = [], target } = unpacking;
  const architectures = new Set([architecture, ...alone.map((name) => name.split(':')[1])]);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await execa(
    'mmdebstrap',
    [
      '--quiet',
      '--variant=extract',
      `--architectures=${[...architectures].join(',')}`,
      `--include=${packages.join(',')}`,
      ...alone.map((name) => `--extract-hook=${unpackAlone(name)}`),
      versions.suite,
      target,
    ],
    { env: { SOURCE_DATE_EPOCH: String(versions.sourceDateEpoch) } },
  );
}

/** mmdebstrap tells a hook where it unpacks to, and how to reach its package index. */
function unpackAlone(name: string): string {
  const download = `APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q download ${name}`;
  return `set -e; cd "$1"; ${download}; for deb in ./*.deb; do dpkg-deb -x "$deb" .; rm "$deb"; done`;
}

/** Removes what rootfs/prune.txt lists; of the documentation only the licences stay. */
export async function prune(root: string): Promise<void> {
  for (const pattern of await readList(path.join(recipeDir, 'rootfs/prune.txt'))) {
    for await (const match of glob(pattern, { cwd: root })) {
      await rm(path.join(root, match), { recursive: true, force: true });
    }
  }
  await execa('find', [`${root}/usr/share/doc`, '!', '-type', 'd', '!', '-name', 'copyright', '-delete']);
  await execa('find', [root, '-xdev', '-type', 'd', '-path', '*/usr/share/doc/*', '-empty', '-delete']);
}

/** The lines of a list file without comments. */
export async function readList(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
