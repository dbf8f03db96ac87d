import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { runDocker, sampleImage } from '../helpers/berth.ts';

/** The images that moby's tests take for granted, made of Debian's packages: no registry is asked. */
export async function makeImages(dockerHost: string, workDir: string): Promise<void> {
  const scratch = { dockerHost, workDir };
  await importRoot(scratch, { name: 'busybox:latest', root: await staticBusybox(workDir), command: 'sh' });
  await docker(dockerHost, ['tag', 'busybox:latest', 'busybox:static']);
  await importRoot(scratch, { name: 'busybox:glibc', root: await dynamicBusybox(workDir), command: 'sh' });
  await importDebian(scratch);
  const greeting = { name: 'hello-world:latest', root: await helloWorld(workDir, 'amd64'), command: '/hello' };
  await importRoot(scratch, greeting);
  for (const tag of ['frozen', 'amd64']) await docker(dockerHost, ['tag', 'hello-world:latest', `hello-world:${tag}`]);
  const root = await helloWorld(workDir, 'arm64');
  await importRoot(scratch, { name: 'hello-world:arm64', root, command: '/hello', platform: 'linux/arm64' });
}

interface Scratch {
  dockerHost: string;
  workDir: string;
}

interface RootImage {
  name: string;
  root: string;
  command: string;
  platform?: string;
}

async function docker(dockerHost: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await runDocker(dockerHost, args, { input: '', timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
}

async function importRoot({ dockerHost, workDir }: Scratch, image: RootImage): Promise<void> {
  const file = path.join(workDir, 'root.tar');
  await execa('tar', ['-C', image.root, '--numeric-owner', '--owner=0', '--group=0', '-cf', file, '.']);
  await importTar(dockerHost, file, image);
}

async function importTar(dockerHost: string, file: string, image: Omit<RootImage, 'root'>): Promise<void> {
  const platform = image.platform === undefined ? [] : ['--platform', image.platform];
  await docker(dockerHost, ['import', ...platform, '-c', `CMD ["${image.command}"]`, file, image.name]);
}

async function importDebian({ dockerHost, workDir }: Scratch): Promise<void> {
  const file = path.join(workDir, 'debian.tar');
  await execa('mmdebstrap', ['--quiet', '--variant=minbase', 'bookworm', file]);
  await importTar(dockerHost, file, { name: 'debian:bookworm-slim', command: 'bash' });
}

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];
const groups = { root: 0, daemon: 1, wheel: 10, audio: 29, 'www-data': 33, operator: 37, staff: 50, users: 100 };

/** Accounts that the tests name. */
async function writeAccounts(root: string): Promise<void> {
  await mkdir(path.join(root, 'etc'), { recursive: true });
  await writeFile(path.join(root, 'etc/passwd'), `${passwd.join('\n')}\n`);
  const lines = Object.entries({ ...groups, nogroup: 65534 }).map(([name, id]) => `${name}:x:${id}:\n`);
  await writeFile(path.join(root, 'etc/group'), lines.join(''));
}

async function staticBusybox(workDir: string): Promise<string> {
  const [archive, root] = [path.join(workDir, 'sample'), path.join(workDir, 'static')];
  for (const dir of [archive, root]) await mkdir(dir, { recursive: true });
  await execa('tar', ['-C', archive, '-xf', sampleImage]);
  const blobs = path.join(archive, 'blobs/sha256');
  const isTar = async (file: string) => (await execa('tar', ['-tf', file], { reject: false })).exitCode === 0;
  for (const name of await readdir(blobs)) {
    const file = path.join(blobs, name);
    if (await isTar(file)) await execa('tar', ['-C', root, '-xf', file]);
  }
  await writeAccounts(root);
  return root;
}

/** Debian's own busybox with the libraries it is linked to. */
async function dynamicBusybox(workDir: string): Promise<string> {
  const [packages, unpacked, root] = ['packages', 'unpacked', 'dynamic'].map((name) => path.join(workDir, name));
  if (!packages || !unpacked || !root) throw new Error('unreachable');
  for (const dir of [packages, `${root}/bin`, `${root}/lib64`, `${root}/usr/bin`])
    await mkdir(dir, { recursive: true });
  for (const dir of ['tmp', 'root', 'home', 'var/www']) await mkdir(path.join(root, dir), { recursive: true });
  await execa('apt-get', ['download', 'busybox', 'libc6'], { cwd: packages });
  for (const name of await readdir(packages)) await execa('dpkg', ['-x', path.join(packages, name), unpacked]);
  const libraries = path.join(unpacked, 'lib/x86_64-linux-gnu');
  const wanted = /^(libresolv|libc\.so|ld-linux|libnss_(dns|files)|libm\.so)/;
  for (const name of (await readdir(libraries)).filter((file) => wanted.test(file))) {
    await cp(path.join(libraries, name), path.join(root, 'lib/x86_64-linux-gnu', name), { recursive: true });
  }
  await cp(path.join(libraries, 'ld-linux-x86-64.so.2'), path.join(root, 'lib64/ld-linux-x86-64.so.2'));
  await cp(path.join(unpacked, 'bin/busybox'), path.join(root, 'bin/busybox'));
  const { stdout } = await execa(path.join(unpacked, 'bin/busybox'), ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== 'busybox')) {
    await symlink('busybox', path.join(root, 'bin', applet));
  }
  await symlink('/bin/env', path.join(root, 'usr/bin/env'));
  await writeAccounts(root);
  return root;
}

const program = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("\\nHello from Docker!") }\n';

async function helloWorld(workDir: string, architecture: string): Promise<string> {
  const [source, root] = [path.join(workDir, 'hello'), path.join(workDir, `hello-${architecture}`)];
  for (const dir of [source, root]) await mkdir(dir, { recursive: true });
  await writeFile(path.join(source, 'main.go'), program);
  await writeFile(path.join(source, 'go.mod'), 'module hello\n\ngo 1.24\n');
  const env = { CGO_ENABLED: '0', GOARCH: architecture };
  await execa('go', ['build', '-ldflags', '-s -w', '-o', path.join(root, 'hello'), '.'], { cwd: source, env });
  return root;
}
