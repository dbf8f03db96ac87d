import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectContainerd } from '@berth/guest-agent/testing';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, digestOf, dockerArchive, ociArchive, tarOf, type TestImage } from './oci-image.ts';

let engine: ImageEngine;
let client: EngineClient;
let image: TestImage;

beforeAll(async () => {
  engine = await startImageEngine();
  client = engine.client;
  const config = { Cmd: ['sh'], Labels: { a: 'b' }, ExposedPorts: { '80/tcp': {} } };
  image = await buildImage({ layers: [{ f1: 'one' }, { f2: randomBytes(100_000) }], config });
});
afterAll(() => engine?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await engine.setUsers({});
  const images = (await client.call('/images/json?all=1')).body as Array<{ Id: string }>;
  for (const { Id } of images) await client.call(`/images/${Id}?force=1`, { method: 'DELETE' });
});

const load = async (name: string, what = image) =>
  client.call('/images/load', { method: 'POST', body: await ociArchive([{ name, image: what }]) });
const names = async (query = '') => {
  const images = (await client.call(`/images/json?${query}`)).body as Array<{ RepoTags: string[] }>;
  return images.map(({ RepoTags }) => RepoTags);
};

describe('load', () => {
  it('takes OCI archives, compressed or not', async () => {
    const archive = await ociArchive([{ name: 'library/x:1', image }]);
    for (const body of [archive, gzipSync(archive), zstdCompressSync(archive)]) {
      expect(await client.call('/images/load', { method: 'POST', body })).toEqual({
        status: 200,
        contentType: 'application/json',
        body: [{ stream: 'Loaded image: x:1\n' }],
      });
    }
    expect(await names()).toEqual([['x:1']]);
    expect((await engine.events()).at(-1)).toBe(`load ${image.descriptor.digest}`);
  });

  it('takes archives of old', async () => {
    const body = await dockerArchive('old:2', [{ a: '1' }, { b: '2' }]);
    const { body: answer } = await client.call('/images/load', { method: 'POST', body });
    expect(answer).toEqual([{ stream: 'Loaded image: old:2\n' }]);
    const inspect = (await client.call('/images/old:2/json')).body as { Config: { Cmd: string[] }; RootFS: object };
    expect(inspect.Config.Cmd).toEqual(['old']);
    expect(inspect.RootFS).toMatchObject({ Layers: [expect.any(String), expect.any(String)] });
  });

  it.each([
    ['garbage', () => Buffer.alloc(10_240, 'x'), 'archive/tar: invalid tar header'],
    ['nothing', () => Buffer.alloc(0), 'unrecognized image format'],
    ['an unrelated tar', () => tarOf({ f: 'x' }), 'unrecognized image format'],
  ])('says what is wrong with %s', async (_, make, message) => {
    const answer = await client.call('/images/load', { method: 'POST', body: await make() });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([{ errorDetail: { message }, error: message }]);
  });

  it('leaves nothing behind after half an archive', async () => {
    const archive = await ociArchive([{ name: 'library/x:1', image }]);
    const answer = await client.call('/images/load', { method: 'POST', body: archive.subarray(0, 60_000) });
    expect(JSON.stringify(answer.body)).toContain('unexpected EOF');
    expect(await names('all=1')).toEqual([]);
    await vi.waitFor(expectEmptyStore, { timeout: 10_000, interval: 100 });
  });

  it('leaves nothing behind when it is killed in the middle', async () => {
    const archive = await ociArchive([{ name: 'library/x:1', image }]);
    const body = new PassThrough();
    body.write(archive.subarray(0, 60_000));
    const loading = client.call('/images/load', { method: 'POST', body }).catch((error: unknown) => error as Error);
    await vi.waitFor(async () => expect(await leaseCount()).toBe(1), { timeout: 10_000 });
    const abandoned = path.join(tmpdir(), 'berth-init-4194305-x');
    await mkdir(abandoned);
    execFileSync('mount', ['-t', 'tmpfs', 'none', abandoned]);
    await engine.crash();
    await vi.waitFor(() => expect(existsSync(abandoned)).toBe(false));
    expect(await loading).toBeInstanceOf(Error);
    await vi.waitFor(expectEmptyStore, { timeout: 10_000, interval: 100 });
    expect((await load('library/x:1')).body).toEqual([{ stream: 'Loaded image: x:1\n' }]);
  });

  it('does not believe a blob that is not what its name says', async () => {
    const forged: TestImage = { ...image, blobs: new Map(image.blobs) };
    forged.blobs.set([...image.blobs.keys()][1] as string, Buffer.from('something else'));
    const answer = await load('library/forged:1', forged);
    expect(JSON.stringify(answer.body)).toContain('unexpected commit digest');
    expect(await names('all=1')).toEqual([]);
  });
});

describe('save', () => {
  it('writes what it loads again as the same image', async () => {
    await load('library/x:1');
    const archive = await client.bytes('/images/get?names=x:1');
    await client.call('/images/x:1', { method: 'DELETE' });
    await client.call('/images/load', { method: 'POST', body: archive });
    const { body } = await client.call('/images/x:1/json');
    expect(body).toMatchObject({ Id: image.descriptor.digest, RepoTags: ['x:1'] });
  });

  it('refuses what is not there before it writes', async () => {
    expect(await client.call('/images/get?names=nope')).toMatchObject({
      status: 404,
      body: { message: 'No such image: nope:latest' },
    });
  });
});

describe('import', () => {
  it('makes an image of a file system', async () => {
    const target = '/images/create?fromSrc=-&repo=imp&tag=1&message=hi&changes=CMD%20%5B%22a%22%5D';
    const { status, body } = await client.call(target, { method: 'POST', body: await tarOf({ f: 'x' }) });
    expect(status).toBe(200);
    const [{ status: id }] = body as [{ status: string }];
    const inspect = await client.call('/images/imp:1/json');
    expect(inspect.body).toMatchObject({ Id: id, Comment: 'hi', Config: { Cmd: ['a'] } });
    expect((await engine.events()).slice(-2)).toEqual([`tag ${id}`, `import ${id}`]);
  });

  it.each(['gzip', 'xz', 'bzip2', 'zstd'])('takes a file system that %s has packed', async (program) => {
    const body = execFileSync(program, ['-c'], { input: await tarOf({ f: 'x' }) });
    const { body: said } = await client.call('/images/create?fromSrc=-&repo=imp&tag=2', { method: 'POST', body });
    expect(said).toEqual([{ status: expect.stringMatching(/^sha256:/) }]);
    const { body: shown } = await client.call('/images/imp:2/json');
    expect(shown).toMatchObject({ RootFS: { Layers: [digestOf(await tarOf({ f: 'x' }))] } });
    const cut = { method: 'POST', body: body.subarray(0, body.length - 12) } as const;
    expect((await client.call('/images/create?fromSrc=-&repo=imp&tag=3', cut)).status).toBe(500);
    expect((await client.call('/images/imp:3/json')).status).toBe(404);
  });

  it('takes a file system from a URL, and says how far it is', async () => {
    const tar = await tarOf({ f: randomBytes(2_000_000) });
    await using server = createServer((request, response) => {
      if (request.url === '/x.tar') response.writeHead(200, { 'Content-Length': tar.length }).end(tar);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const from = (name: string) =>
      client.call(`/images/create?repo=imp&tag=4&fromSrc=${encodeURIComponent(url + name)}`, { method: 'POST' });
    const lines = (await from('/x.tar')).body as Array<{ status: string }>;
    expect(lines[0]?.status).toBe(`Downloading from ${url}/x.tar`);
    expect(lines.some(({ status }) => status === 'Importing')).toBe(true);
    expect(lines.at(-1)?.status).toMatch(/^sha256:/);
    expect(await from('/nope')).toMatchObject({ status: 404 });
    server.closeAllConnections();
  });

  it('refuses instructions that build', async () => {
    const answer = await client.call('/images/create?fromSrc=-&changes=RUN%20x', { method: 'POST', body: '' });
    expect(answer).toMatchObject({ status: 400, body: { message: 'RUN is not a valid change command' } });
  });
});

describe('tag and remove', () => {
  const remove = (name: string, query = '') => client.call(`/images/${name}?${query}`, { method: 'DELETE' });
  const tag = (name: string, repo: string, text = 'latest') =>
    client.call(`/images/${name}/tag?repo=${repo}&tag=${text}`, { method: 'POST' });

  it('takes names away one by one and the image with the last', async () => {
    await load('library/x:1');
    expect((await tag('x:1', 'y')).status).toBe(201);
    expect((await remove('x:1')).body).toEqual([{ Untagged: 'x:1' }]);
    expect((await remove('y')).body).toEqual([{ Untagged: 'y:latest' }, { Deleted: image.descriptor.digest }]);
    await vi.waitFor(expectEmptyStore, { timeout: 10_000, interval: 100 });
  });

  it('takes all names away by id only when forced', async () => {
    await load('library/x:1');
    await tag('x:1', 'y');
    const id = image.descriptor.digest.slice(7, 19);
    expect(await remove(id)).toMatchObject({
      status: 409,
      body: {
        message: `conflict: unable to delete ${id} (must be forced) - image is referenced in multiple repositories`,
      },
    });
    expect((await remove(id, 'force=1')).body).toEqual([
      { Untagged: 'x:1' },
      { Untagged: 'y:latest' },
      { Deleted: image.descriptor.digest },
    ]);
  });

  it('keeps what a container uses', async () => {
    await load('library/x:1');
    const imageId = image.descriptor.digest;
    const user = { containerId: 'c'.repeat(64), imageId, configImage: 'x:1' };
    const short = imageId.slice(7, 19);
    await engine.setUsers({ images: [{ ...user, running: false }] });
    expect((await remove('x:1')).body).toEqual({
      message: `conflict: unable to delete x:1 (must be forced) - container cccccccccccc is using its referenced image ${short}`,
    });
    await engine.setUsers({ images: [{ ...user, running: true }] });
    expect((await remove(short, 'force=1')).body).toEqual({
      message: `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container cccccccccccc`,
    });
    expect((await remove('x:1', 'force=1')).body).toEqual([{ Untagged: 'x:1' }]);
    expect(await names()).toEqual([[]]);
  });

  it('keeps the image whose name was taken over, without a name, until it is pruned', async () => {
    await load('library/x:1');
    const other = await buildImage({ layers: [{ g: 'other' }] });
    await load('library/x:1', other);
    expect((await client.call('/images/x:1/json')).body).toMatchObject({ Id: other.descriptor.digest });
    expect(await names('filters={"dangling":["true"]}')).toEqual([[]]);
    const { body } = await client.call('/images/prune', { method: 'POST' });
    expect(body).toMatchObject({
      ImagesDeleted: [{ Untagged: image.descriptor.digest }, { Deleted: image.descriptor.digest }],
      SpaceReclaimed: expect.any(Number),
    });
    expect(await names()).toEqual([['x:1']]);
  });
});

async function leaseCount(): Promise<number> {
  await using containerd = connectContainerd({ address: engine.containerdAddress, namespace: 'moby' });
  return (await containerd.leases.list()).length;
}

/** Nothing is left in containerd: no blob, no snapshot, no upload, no lease; nor on its disk. */
async function expectEmptyStore(): Promise<void> {
  await using containerd = connectContainerd({ address: engine.containerdAddress, namespace: 'moby' });
  const left: string[] = [];
  for await (const { digest } of containerd.content.list()) left.push(digest);
  for await (const { name } of containerd.snapshots.list()) left.push(name);
  left.push(...(await containerd.content.uploads()).map(({ ref }) => ref));
  left.push(...(await containerd.leases.list()).map(({ id }) => id));
  expect(left).toEqual([]);
  const root = path.join(path.dirname(engine.dir), 'root');
  const folders = await readdir(path.join(root, 'io.containerd.snapshotter.v1.overlayfs', 'snapshots'));
  const blobs = await readdir(path.join(root, 'io.containerd.content.v1.content', 'blobs', 'sha256'));
  expect([...folders, ...blobs]).toEqual([]);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  expect(mounts.includes('berth-init-')).toBe(false);
}
