import { execFileSync } from 'node:child_process';
import { createWriteStream, createReadStream, existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Readable, type Writable } from 'node:stream';
import { connectContainerd, createImages, type Images } from '@berth/guest-agent/testing';
import { pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceEngine } from './image-engine.ts';
import { digestOf, ociArchive, type TestImage } from './oci-image.ts';
import { registryProgram, startRealRegistry, type RealRegistry } from './registry.ts';
import { startContainerd, type ScratchContainerd } from './scratch-containerd.ts';

const stack = new AsyncDisposableStack();
const skopeo = '/usr/bin/skopeo';
const long = `${'long-'.repeat(48)}name`;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
let scratch: ScratchContainerd;
let registry: RealRegistry;
let images: Images;
let image: TestImage;

type Entry = Partial<Header> & Pick<Header, 'name'> & { content?: string };
const lower: Entry[] = [
  { name: 'gone', content: 'x' },
  ...['opaque', 'kept'].map((name): Entry => ({ name, type: 'directory', mode: 0o755 })),
  { name: 'opaque/hidden', content: 'x' },
  { name: 'kept/seen', content: 'seen', mode: 0o600, uid: 1234, gid: 5678 },
  { name: 'first', content: 'linked', mode: 0o644 },
  { name: 'second', type: 'link', linkname: 'first' },
  { name: 'attributes', content: 'x', pax: { 'SCHILY.xattr.user.berth': 'value' } },
  { name: 'null', type: 'character-device', devmajor: 1, devminor: 3, mode: 0o666 },
  { name: 'disk', type: 'block-device', devmajor: 7, devminor: 0, mode: 0o660 },
  { name: 'pipe', type: 'fifo', mode: 0o600 },
  { name: 'link', type: 'symlink', linkname: '/nowhere/../at all' },
  { name: 'root-only', content: 'x', mode: 0o4755 },
  { name: `deep/${long}/${long}`, content: 'deep' },
  { name: 'umläut ☂', content: 'x' },
];
const upper: Entry[] = [{ name: '.wh.gone' }, { name: 'opaque/.wh..wh..opq' }, { name: 'opaque/new', content: 'new' }];
const many: Entry[] = Array.from({ length: 10_000 }, (_, n) => ({ name: `many/${n % 100}/${n}`, content: `${n}` }));

beforeAll(async () => {
  scratch = stack.use(await startContainerd());
  const containerd = stack.use(connectContainerd({ address: scratch.address, namespace: 'moby' }));
  const settings = { userAgent: 'test', insecureRegistries: [], maxConcurrentDownloads: 3, maxDownloadAttempts: 1 };
  const more = { use: { containers: () => [] }, events: { publish() {} }, log: quiet };
  images = stack.use(createImages({ containerd, registry: settings, ...more }));
  image = await imageOf([lower, upper, many]);
  if (registryProgram) registry = stack.use(await startRealRegistry());
});
afterAll(() => stack.disposeAsync());

async function tarOf(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry({ mtime: new Date(0), ...header }, content);
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Buffer>));
}

async function imageOf(layers: Entry[][]): Promise<TestImage> {
  const blobs = new Map<string, Buffer>();
  const add = (kind: string, bytes: Buffer) => {
    blobs.set(digestOf(bytes), bytes);
    return { mediaType: `application/vnd.oci.image.${kind}`, digest: digestOf(bytes), size: bytes.length };
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const tars = await Promise.all(layers.map(tarOf));
  const descriptors = tars.map((tar) => add('layer.v1.tar+gzip', gzipSync(tar, { level: 1 })));
  const rootfs = { type: 'layers', diff_ids: tars.map(digestOf) };
  const config = add('config.v1+json', json({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = json({ schemaVersion: 2, mediaType, config, layers: descriptors });
  return { blobs, descriptor: add('manifest.v1+json', manifest) };
}

/** Every file with its kind, mode, owner, size, links, device and target; and the attributes of one. */
async function listing(name: string): Promise<string[]> {
  const id = `listing-${name.replace(/\W/g, '-')}`;
  const mounts = await images.rootfs.create(id, await images.resolve(name));
  const root = mkdtempSync(path.join(scratch.dir, 'mnt-'));
  for (const { type, source, options } of mounts) {
    execFileSync('mount', ['-t', type === 'bind' ? 'none' : type, '-o', options.join(','), source, root]);
  }
  try {
    const files = execFileSync('find', [root, '-mindepth', '1', '-printf', '%P|%y|%m|%U:%G|%n|%l|']);
    const rest = execFileSync('find', [
      root,
      '-mindepth',
      '1',
      '-not',
      '-type',
      'd',
      '-exec',
      'stat',
      '-c',
      '%n %s %t:%T',
      '{}',
      '+',
    ]);
    const lines = rest.toString().replaceAll(root, '').split('\n');
    return [...files.toString().split('|'), ...lines.sort()];
  } finally {
    execFileSync('umount', [root]);
    rmdirSync(root);
    await images.rootfs.remove(id);
  }
}

const load = (archive: Readable) => images.load(archive, { write() {} });
const remove = (name: string) => images.remove(name, { force: true, prune: true });
const reference = (repo: string) => {
  const [domain = '', ...rest] = repo.split('/');
  return { domain, path: rest.join('/'), tag: '1' };
};

async function saved(name: string): Promise<string> {
  const file = path.join(scratch.dir, 'saved.tar');
  await images.save({ names: [name], open: (): Writable => createWriteStream(file) });
  return file;
}

describe('an image of odd files', () => {
  it('is unpacked as its layers say', async () => {
    await load(Readable.from([await ociArchive([{ name: 'library/odd:1', image }])]));
    const found = await listing('odd:1');
    expect(found).not.toContain('gone');
    expect(found).not.toContain('opaque/hidden');
    expect(found).toEqual(expect.arrayContaining(['opaque/new', `deep/${long}/${long}`, 'umläut ☂']));
    expect(found).toEqual(expect.arrayContaining(['/null 0 1:3', '/disk 0 7:0', '/first 6 0:0', '/second 6 0:0']));
    expect(found.filter((line) => line.startsWith('/many/'))).toHaveLength(10_000);
  });

  it.skipIf(!registryProgram)('is the same after push, pull and save', async () => {
    const before = await listing('odd:1');
    const repo = `${registry.host}/odd`;
    const signal = AbortSignal.timeout(60_000);
    await images.tag('odd:1', reference(repo));
    await images.push(reference(repo), { write() {}, signal });
    await remove('odd:1');
    await remove(`${repo}:1`);
    await images.pull(reference(repo), { write() {}, signal });
    expect(await listing(`${repo}:1`)).toEqual(before);
    const archive = await saved(`${repo}:1`);
    await remove(`${repo}:1`);
    await load(createReadStream(archive));
    expect(await listing(`${repo}:1`)).toEqual(before);
    await images.tag(`${repo}:1`, { domain: 'docker.io', path: 'library/odd', tag: '1' });
  });

  it.skipIf(!registryProgram || !existsSync(skopeo))('is the same after skopeo has had it', async () => {
    const before = await listing('odd:1');
    const file = path.join(scratch.dir, 'skopeo.tar');
    const target = `docker-archive:${file}:odd:copied`;
    const policy = ['--insecure-policy', 'copy', '--src-tls-verify=false'];
    execFileSync(skopeo, [...policy, `docker://${registry.host}/odd:1`, target], { stdio: 'ignore' });
    await load(createReadStream(file));
    expect(await listing('odd:copied')).toEqual(before);
    const ours = await saved('odd:1');
    execFileSync(skopeo, [...policy, `docker-archive:${ours}`, `oci:${path.join(scratch.dir, 'oci')}`], {
      stdio: 'ignore',
    });
  });

  it.skipIf(!referenceEngine())('is the same image to a real dockerd', async () => {
    const dockerd = referenceEngine()!;
    const body = createReadStream(await saved('odd:1'));
    expect(JSON.stringify((await dockerd.call('/images/load', { method: 'POST', body })).body)).toContain('odd:1');
    expect((await dockerd.call('/images/odd:1/json')).body).toMatchObject({ Id: image.descriptor.digest });
    const before = await listing('odd:1');
    const back = await dockerd.bytes('/images/get?names=odd:1');
    await dockerd.call('/images/odd:1', { method: 'DELETE' });
    await remove('odd:1');
    await load(Readable.from([back]));
    expect(await listing('odd:1')).toEqual(before);
  });
});
