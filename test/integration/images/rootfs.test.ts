import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connectContainerd, createImages, type Containerd, type Images } from '@berth/guest-agent/testing';
import { buildImage, ociArchive } from './oci-image.ts';
import { startContainerd, type ScratchContainerd } from './scratch-containerd.ts';

let scratch: ScratchContainerd;
let containerd: Containerd;
let images: Images;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  scratch = await startContainerd();
  containerd = connectContainerd({ address: scratch.address, namespace: 'moby' });
  const registry = { userAgent: 'test', insecureRegistries: [], maxConcurrentDownloads: 3, maxDownloadAttempts: 1 };
  const use = { containers: () => [] };
  images = createImages({ containerd, use, registry, events: { publish() {} }, log: quiet });
  const image = await buildImage({ layers: [{ 'etc/motd': 'hello', 'etc/hosts': 'from the image', bin: 'x' }] });
  const archive = await ociArchive([{ name: 'library/x:1', image }]);
  await images.load(Readable.from([archive]), { write() {} });
});
afterAll(async () => {
  await images?.[Symbol.asyncDispose]();
  await containerd?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
});

type Mounts = Awaited<ReturnType<Images['rootfs']['mounts']>>;

function withMounted<T>(mounts: Mounts, look: (root: string) => T): T {
  const root = mkdtempSync(path.join(scratch.dir, 'mnt-'));
  for (const { type, source, options } of mounts) {
    execFileSync('mount', ['-t', type === 'bind' ? 'none' : type, '-o', options.join(','), source, root]);
  }
  try {
    return look(root);
  } finally {
    execFileSync('umount', [root]);
    rmdirSync(root);
  }
}

const snapshotFolders = () =>
  readdirSync(path.join(scratch.dir, 'root', 'io.containerd.snapshotter.v1.overlayfs', 'snapshots'));

it('gives containers of an image file systems of their own, with what Docker adds', async () => {
  const image = await images.resolve('x:1');
  const [first] = await Promise.all(['c1', 'c2', 'c3'].map((id) => images.rootfs.create(id, image)));
  withMounted(first as Mounts, (root) => {
    expect(readFileSync(path.join(root, 'etc/motd'), 'utf8')).toBe('hello');
    expect(readFileSync(path.join(root, 'etc/hosts'), 'utf8')).toBe('');
    expect(readlinkSync(path.join(root, 'etc/mtab'))).toBe('/proc/mounts');
    for (const file of ['.dockerenv', 'dev/console', 'etc/resolv.conf']) {
      expect(lstatSync(path.join(root, file)).isFile()).toBe(true);
    }
    for (const folder of ['proc', 'sys', 'dev/pts', 'dev/shm']) {
      expect(lstatSync(path.join(root, folder)).isDirectory()).toBe(true);
    }
    writeFileSync(path.join(root, 'mine'), Buffer.alloc(100_000));
  });
  expect(await images.rootfs.mounts('c1')).toEqual(first);
  expect((await images.rootfs.usage('c1')).size).toBeGreaterThan(100_000);
  expect((await images.rootfs.usage('c2')).size).toBeLessThan(10_000);
  expect((await images.rootfs.list()).sort()).toEqual(['c1', 'c2', 'c3']);
  await expect(images.rootfs.create('c1', image)).rejects.toThrow('already exists');
});

it('keeps a container’s file system when its image goes, and gives all back with the last container', async () => {
  await images.remove('x:1', { force: true, prune: true });
  await expect(images.resolve('x:1')).rejects.toThrow('No such image: x:1');
  withMounted(await images.rootfs.mounts('c1'), (root) => {
    expect(readFileSync(path.join(root, 'etc/motd'), 'utf8')).toBe('hello');
    expect(lstatSync(path.join(root, 'mine')).size).toBe(100_000);
  });
  for (const id of ['c1', 'c2', 'c3', 'c3']) await images.rootfs.remove(id);
  await vi.waitFor(() => expect(snapshotFolders()).toEqual([]), { timeout: 10_000, interval: 100 });
});

it('makes do with an image without layers, and with one that is not unpacked', async () => {
  const empty = await buildImage({ layers: [] });
  const foreign = await buildImage({ layers: [{ f: 'x' }], architecture: 's390x' });
  const archive = await ociArchive([
    { name: 'library/empty:1', image: empty },
    { name: 'library/foreign:1', image: foreign },
  ]);
  await images.load(Readable.from([archive]), { write() {} });
  const mounts = await images.rootfs.create('empty', await images.resolve('empty:1'));
  withMounted(mounts, (root) => expect(lstatSync(path.join(root, '.dockerenv')).isFile()).toBe(true));
  await images.rootfs.create('foreign', await images.resolve('foreign:1'));
  withMounted(await images.rootfs.mounts('foreign'), (root) => {
    expect(readFileSync(path.join(root, 'f'), 'utf8')).toBe('x');
  });
  for (const id of ['empty', 'foreign']) await images.rootfs.remove(id);
  for (const name of ['empty:1', 'foreign:1']) await images.remove(name, { force: false, prune: true });
  await vi.waitFor(() => expect(snapshotFolders()).toEqual([]), { timeout: 10_000, interval: 100 });
});

it('does not follow links that an image puts in its way', async () => {
  const { pack } = await import('tar-stream');
  const tar = pack();
  const outside = mkdtempSync(path.join(scratch.dir, 'outside-'));
  tar.entry({ name: 'etc', type: 'symlink', linkname: outside });
  tar.entry({ name: 'dev', type: 'symlink', linkname: '../../../../../../../../../tmp' });
  tar.finalize();
  await images.import(Readable.from(tar), {
    message: '',
    changes: [],
    reference: { domain: 'docker.io', path: 'library/evil', tag: '1' },
  });
  const mounts = await images.rootfs.create('evil', await images.resolve('evil:1'));
  withMounted(mounts, (root) => expect(lstatSync(path.join(root, 'etc')).isDirectory()).toBe(true));
  expect(readdirSync(outside)).toEqual([]);
  await images.rootfs.remove('evil');
  rmdirSync(outside);
});
