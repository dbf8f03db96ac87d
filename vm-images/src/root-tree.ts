import { chmod, cp, glob, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { checkLibraries } from './check-libraries.ts';
import { stripElf } from './elf.ts';
import { recipeDir } from './layout.ts';
import { installModules, type ModuleTree } from './modules.ts';
import { nodePackage } from './node-package.ts';
import { prune } from './unpack.ts';
import type { Architecture, Versions } from './versions.ts';

export interface RootTree {
  root: string;
  donor: string;
  architecture: Architecture;
  versions: Versions;
  modules: ModuleTree;
}

/** Turns unpacked packages into the guest's root: prune, then add what is ours. One named step after the other. */
export async function finishRootTree(tree: RootTree): Promise<void> {
  await installCertificates(tree.root);
  await prune(tree.root);
  await makeDirectories(tree.root);
  await installBusybox(tree);
  await installNode(tree);
  await installModules(tree.modules, path.join(recipeDir, 'rootfs/modules.txt'), tree.root);
  await installContainerFiles(tree);
  await installBootFiles(tree);
  await writeAccounts(tree.root);
  await checkLibraries(tree.root);
  await execa('ldconfig', ['-X', '-r', tree.root]);
  await rm(path.join(tree.root, 'var/cache'), { recursive: true, force: true });
}

/** All of Mozilla's certificates in one file, in the order of their names. */
async function installCertificates(root: string): Promise<void> {
  const directory = path.join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(directory)).sort();
  const bundle = await Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8')));
  await mkdir(path.join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(path.join(root, 'etc/ssl/certs/ca-certificates.crt'), bundle.join(''));
  await rm(path.join(root, 'usr/share/ca-certificates'), { recursive: true });
}

async function makeDirectories(root: string): Promise<void> {
  const names = [
    'boot',
    'mnt',
    'opt',
    'root',
    'run',
    'srv',
    'usr/lib/berth/agent',
    'usr/lib/berth/builder',
    'usr/lib/berth/emulator',
    'var/lib/berth',
    'var/log',
    'var/tmp',
  ];
  for (const name of names) await mkdir(path.join(root, name), { recursive: true });
  await chmod(path.join(root, 'var/tmp'), 0o1777);
  await symlink('../run', path.join(root, 'var/run')).catch(ignoreExisting);
  await symlink('/proc/self/mounts', path.join(root, 'etc/mtab')).catch(ignoreExisting);
}

/** A link for every applet that no package brought as a program of its own. */
async function installBusybox({ root, donor, architecture }: RootTree): Promise<void> {
  await cp(path.join(donor, 'usr/bin/busybox'), path.join(root, 'usr/bin/busybox'));
  for (const applet of await listApplets(donor, architecture)) {
    const links = await Promise.all(['bin', 'sbin'].map((bin) => exists(root, `usr/${bin}/${applet}`)));
    if (!links.includes(true)) await symlink('busybox', path.join(root, 'usr/bin', applet));
  }
  await symlink('../bin/busybox', path.join(root, 'usr/sbin/init')).catch(ignoreExisting);
}

/** Applet names stand NUL-separated in the program itself, so that no foreign program has to run. */
export async function listApplets(donor: string, architecture: Architecture): Promise<string[]> {
  const names = (await readFile(path.join(donor, 'usr/bin/busybox'))).toString('latin1');
  const table = /\[\0\[\[\0[a-z0-9_\0-]+?\0zcat\0/.exec(names)?.[0];
  if (table === undefined) throw new Error(`no applet table in busybox for ${architecture}`);
  return table.split('\0').filter((name) => name !== '');
}

async function installNode({ root, architecture, versions }: RootTree): Promise<void> {
  const { binary } = await nodePackage(versions.nodePackages[architecture]);
  await writeFile(path.join(root, 'usr/bin/node'), stripElf(await readFile(binary)), { mode: 0o755 });
}

async function installContainerFiles({ root, donor }: RootTree): Promise<void> {
  await mkdir(path.join(root, 'usr/share/containers'), { recursive: true });
  await cp(path.join(donor, 'usr/share/containers/seccomp.json'), path.join(root, 'usr/share/containers/seccomp.json'));
  await mkdir(path.join(root, 'usr/libexec/berth'), { recursive: true });
  await cp(path.join(root, 'usr/bin/tini-static'), path.join(root, 'usr/libexec/berth/docker-init'));
  for await (const name of glob('usr/bin/tini*', { cwd: root })) await rm(path.join(root, name));
  for await (const name of glob('{usr/,}sbin/apparmor_parser', { cwd: donor })) {
    await cp(path.join(donor, name), path.join(root, 'usr/sbin/apparmor_parser'));
  }
}

async function installBootFiles({ root, donor }: RootTree): Promise<void> {
  // The agent looks up in it what the kernel can.
  for await (const name of glob('boot/config-*', { cwd: donor }))
    await cp(path.join(donor, name), path.join(root, name));
  const ours = path.join(root, 'usr/lib/berth');
  for (const name of ['boot', 'services', 'containerd.toml']) {
    await cp(path.join(recipeDir, 'rootfs', name), path.join(ours, name), { recursive: true });
  }
  await cp(path.join(recipeDir, 'rootfs/etc'), path.join(root, 'etc'), { recursive: true });
}

/** Docker's name for the user whose ids containers get with `userns-remap: default`. */
const remapUser = 'dockremap';

async function writeAccounts(root: string): Promise<void> {
  const users = ['root:x:0:0:root:/root:/bin/sh', `${remapUser}:x:100:100::/:/bin/false`];
  const groups = ['root:x:0:', 'tty:x:5:', `${remapUser}:x:100:`];
  await writeLines(root, 'etc/passwd', [...users, 'nobody:x:65534:65534:nobody:/:/bin/false']);
  await writeLines(root, 'etc/group', [...groups, 'nogroup:x:65534:']);
  for (const name of ['etc/subuid', 'etc/subgid']) await writeLines(root, name, [`${remapUser}:100000:65536`]);
  await writeFile(path.join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
}

async function writeLines(root: string, name: string, lines: readonly string[]): Promise<void> {
  await writeFile(path.join(root, name), lines.map((line) => `${line}\n`).join(''));
}

async function exists(root: string, name: string): Promise<boolean> {
  const { base, dir } = path.parse(path.join(root, name));
  return (await readdir(dir)).includes(base);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
