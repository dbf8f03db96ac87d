import { cp, glob, mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { recipeDir } from './layout.ts';
import { kernelRelease } from './modules.ts';
import { unpackPackages } from './unpack.ts';
import { type Architecture, hostArchitecture, type Versions } from './versions.ts';

export interface OwnModules {
  /** Unpacked packages with the kernel; the modules are put beside its own. */
  donor: string;
  /** A folder of this build's own that does not exist yet. */
  tools: string;
  architecture: Architecture;
  versions: Versions;
}

/** Folders of the kernel's sources that kernel/Kbuild names. */
const folders = ['net/9p', 'fs/9p'];
/** In the tools' root, the same on every machine: the place shows in what is built. */
const buildDir = '/build';

/**
 * Builds the modules of kernel/Kbuild out of the kernel's own sources, with Debian's compiler and headers, in a root that
 * holds nothing else. Debian's general kernel has them, but brings 0.7 s more to each emulated start.
 */
export async function buildOwnModules({ donor, tools, architecture, versions }: OwnModules): Promise<void> {
  const release = await kernelRelease(donor);
  await unpackTools({ release, target: tools, architecture, versions });
  // Debian's own link is made by what runs when a package is installed.
  await symlink('gawk', path.join(tools, 'usr/bin/awk'));
  await unpackSources(tools, release);
  await cp(path.join(recipeDir, 'kernel/Kbuild'), path.join(tools, buildDir, 'Kbuild'));
  await runMake(tools, release);
  const target = path.join(donor, 'usr/lib/modules', release, 'kernel');
  for await (const module of glob('*/9p/*.ko', { cwd: path.join(tools, buildDir) })) {
    await mkdir(path.dirname(path.join(target, module)), { recursive: true });
    await cp(path.join(tools, buildDir, module), path.join(target, module));
  }
}

interface Tools {
  release: string;
  target: string;
  architecture: Architecture;
  versions: Versions;
}

/** Headers for another processor are unpacked without what they depend on, which is a compiler that does not run here. */
async function unpackTools({ release, target, architecture, versions }: Tools): Promise<void> {
  const common = release.replace(/-cloud-.*/, '');
  const [series] = /^\d+\.\d+/.exec(release) ?? [];
  const packages = [
    ...['base-files', 'coreutils', 'dash', 'gawk', 'grep', 'make', 'sed', versions.kernelCompilers[architecture]],
    ...[`linux-headers-${common}-common`, `linux-kbuild-${common}`, `linux-source-${series}`],
  ];
  const alone = [`linux-headers-${release}:${architecture}`];
  await unpackPackages({ architecture: hostArchitecture, versions, packages, alone, target });
}

/** Throws for sources of another release than the kernel's: packages of the two may come to a mirror one after the other. */
async function unpackSources(tools: string, release: string): Promise<void> {
  const target = path.join(tools, buildDir);
  await mkdir(target);
  for await (const archive of glob(path.join(tools, 'usr/src/linux-source-*.tar.xz'))) {
    const wanted = ['Makefile', ...folders].map((name) => `*/${name}`);
    const only = ['--strip-components=1', '--no-wildcards-match-slash', '--wildcards', ...wanted];
    await execa('tar', ['-xJf', archive, '-C', target, ...only]);
  }
  const found = versionIn(await readFile(path.join(target, 'Makefile'), 'utf8'));
  if (!release.startsWith(`${found}+`)) throw new Error(`the sources are of Linux ${found}, the kernel is ${release}`);
}

/** The first lines of the kernel's Makefile: `VERSION = 6`, `PATCHLEVEL = 12`, `SUBLEVEL = 117`. */
export function versionIn(makefile: string): string {
  const [, ...numbers] = /^VERSION = (\d+)\nPATCHLEVEL = (\d+)\nSUBLEVEL = (\d+)$/m.exec(makefile) ?? [];
  return numbers.join('.');
}

/** In a root of its own; without root's rights in a user namespace. Its /dev is this machine's, for /dev/null. */
async function runMake(tools: string, release: string): Promise<void> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const inside = 'mount --rbind /dev "$1/dev" && shift && exec env -i PATH=/usr/sbin:/usr/bin chroot "$@"';
  const headers = `/usr/src/linux-headers-${release}`;
  // What kernels are debugged with is ten times as large as the rest.
  const settings = ['CONFIG_DEBUG_INFO=', 'CONFIG_DEBUG_INFO_BTF_MODULES='];
  const make = ['make', '-s', '-j2', '-C', headers, `M=${buildDir}`, ...settings, 'modules'];
  await mkdir(path.join(tools, 'dev'), { recursive: true });
  await execa('unshare', ['--mount', ...asRoot, 'sh', '-c', inside, 'sh', tools, tools, ...make]);
}
