import { access, chmod, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { fileDigest, textDigest, treeDigest } from './digest.ts';
import { type BuildPaths, imageFiles, recipeDir } from './layout.ts';
import { makeTar, type TarEntry } from './tar.ts';
import type { Versions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

/** Names below the image's folder; the daemon reads the same. */
export const wslFiles = { root: 'wsl-root.tar', data: 'wsl-data.tar', manifest: 'wsl.json' } as const;

export interface WslManifest {
  formatVersion: 1;
  architecture: string;
  /** Digest of what it was made from. */
  input: string;
  files: Record<'root' | 'data', { name: string; sizeBytes: number; digest: string }>;
}

const recipe = path.join(recipeDir, 'wsl');
/** Parts of the machine's image that are disks there and folders here. */
const programs = ['agent', 'builder', 'emulator'] as const;

/**
 * Makes what `wsl --import` takes out of a finished image: the root file system with the agent, BuildKit and the
 * emulator in it, and the distribution that keeps the data. False: both were up to date.
 */
export async function buildWsl(paths: BuildPaths, versions: Versions): Promise<boolean> {
  const image = await readFile(path.join(paths.image, imageFiles.manifest), 'utf8');
  const { architecture, files } = JSON.parse(image) as { architecture: string; files: object };
  const input = textDigest(JSON.stringify([files, await treeDigest([recipe, path.join(recipeDir, 'src')])]));
  if ((await readManifest(paths))?.input === input) return false;
  await using work = await openWorkFolder();
  const root = path.join(work.path, 'root');
  await unpackImage(paths, root);
  await installWslFiles(root);
  const at = (part: 'root' | 'data') => path.join(work.path, wslFiles[part]);
  await packTree(root, at('root'), versions);
  await writeFile(at('data'), makeTar(await dataEntries(root), versions.sourceDateEpoch));
  const describe = async (part: 'root' | 'data') => {
    return { name: wslFiles[part], sizeBytes: (await stat(at(part))).size, digest: await fileDigest(at(part)) };
  };
  const described = { root: await describe('root'), data: await describe('data') };
  const manifest: WslManifest = { formatVersion: 1, architecture, input, files: described };
  for (const part of ['root', 'data'] as const) await rename(at(part), path.join(paths.image, wslFiles[part]));
  await writeFile(path.join(paths.image, wslFiles.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
  return true;
}

async function readManifest({ image }: BuildPaths): Promise<WslManifest | null> {
  const text = await readFile(path.join(image, wslFiles.manifest), 'utf8').catch(() => 'null');
  return JSON.parse(text) as WslManifest | null;
}

async function unpackImage({ image }: BuildPaths, root: string): Promise<void> {
  const unpack = (disk: string, target: string) => execa('fsck.erofs', [`--extract=${target}`, disk]);
  await unpack(path.join(image, imageFiles.root), root);
  for (const part of programs) {
    const folder = path.join(root, 'usr/lib/berth', part);
    await rm(folder, { recursive: true, force: true });
    const disk = path.join(image, imageFiles[part]);
    if (part !== 'builder' || (await exists(disk))) await unpack(disk, folder);
    else await mkdir(folder);
  }
}

/** WSL has a kernel and an init of its own. */
async function installWslFiles(root: string): Promise<void> {
  await rm(path.join(root, 'usr/lib/modules'), { recursive: true, force: true });
  await rm(path.join(root, 'etc/inittab'));
  await cp(path.join(recipe, 'wsl.conf'), path.join(root, 'etc/wsl.conf'));
  for (const name of ['machine', 'link']) {
    const file = path.join(root, 'usr/lib/berth/wsl', name);
    await cp(path.join(recipe, name), file);
    await chmod(file, 0o755);
  }
}

/** The same tree gives the same bytes. */
async function packTree(tree: string, target: string, versions: Versions): Promise<void> {
  const fixed = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${versions.sourceDateEpoch}`];
  await execa('tar', [
    '-C',
    tree,
    '--format=posix',
    '--pax-option=delete=atime,delete=ctime',
    ...fixed,
    '-cf',
    target,
    '.',
  ]);
}

/** One static program with the names under which it is called, and a folder for the data. */
async function dataEntries(root: string): Promise<TarEntry[]> {
  const applets = ['env', 'mkdir', 'mount', 'sh', 'sleep'];
  return [
    ...['bin', 'data', 'dev', 'etc', 'mnt', 'proc', 'run', 'sys', 'tmp'].map((name) => ({
      name: `${name}/`,
      mode: 0o755,
    })),
    { name: 'bin/busybox', mode: 0o755, content: await readFile(path.join(root, 'usr/bin/busybox')) },
    ...applets.map((applet) => ({ name: `bin/${applet}`, mode: 0o777, linkTo: 'busybox' })),
    { name: 'bin/hold-data', mode: 0o755, content: await readFile(path.join(recipe, 'hold-data')) },
    { name: 'etc/passwd', mode: 0o644, content: Buffer.from('root:x:0:0:root:/data:/bin/sh\n') },
    { name: 'etc/wsl.conf', mode: 0o644, content: await readFile(path.join(recipe, 'wsl.conf')) },
  ];
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
