import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, buildIndex, digestOf, type TestImage } from './oci-image.ts';
import { startTestRegistry, type TestRegistry } from './registry.ts';

let engine: ImageEngine;
let client: EngineClient;
let registry: TestRegistry;
let image: TestImage;
let layers: string[];

beforeAll(async () => {
  engine = await startImageEngine();
  client = engine.client;
});
afterAll(() => engine?.[Symbol.asyncDispose]());
beforeEach(async (context) => {
  registry = await startTestRegistry();
  context.onTestFinished(() => registry[Symbol.asyncDispose]());
  image = await buildImage({ layers: [{ a: randomBytes(300_000) }, { b: randomBytes(2_000_000) }] });
  layers = [...image.blobs.keys()].slice(0, 2);
  registry.put('lib/x', 'latest', image);
});

type Message = { status?: string; id?: string; error?: string; progressDetail?: object };
const pull = (name = 'lib/x', query = '&tag=latest', signal?: AbortSignal) =>
  client.call(`/images/create?fromImage=${registry.host}/${name}${query}`, { method: 'POST', signal });
const statuses = (body: unknown) => (body as Message[]).map(({ status, id }) => (id ? `${id}: ${status}` : status));
const blobRequests = () => registry.requests.filter((line) => line.startsWith('GET') && line.includes('/blobs/'));

it('pulls, says so as Docker does, and the next time has nothing to do', async () => {
  const { status, body } = await pull();
  expect(status).toBe(200);
  const lines = statuses(body);
  const [first, second] = layers.map((digest) => digest.slice(7, 19));
  expect(lines.slice(0, 3)).toEqual([
    'latest: Pulling from lib/x',
    `${first}: Pulling fs layer`,
    `${second}: Pulling fs layer`,
  ]);
  expect(lines).toEqual(expect.arrayContaining([`${first}: Download complete`, `${second}: Pull complete`]));
  const digest = `Digest: ${image.descriptor.digest}`;
  expect(lines.slice(-2)).toEqual([digest, `Status: Downloaded newer image for ${registry.host}/lib/x:latest`]);
  const again = await pull();
  expect(statuses(again.body)).toEqual([
    'latest: Pulling from lib/x',
    digest,
    `Status: Image is up to date for ${registry.host}/lib/x:latest`,
  ]);
  expect((await client.call(`/images/${registry.host}/lib/x/json`)).body).toMatchObject({
    Id: image.descriptor.digest,
  });
});

it('downloads once for twenty clients', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => pull()));
  for (const { body } of answers) expect(statuses(body).at(-1)).toMatch(/^Status: /);
  expect(blobRequests().sort()).toEqual([...new Set(blobRequests())].sort());
});

it('takes a broken download up where it broke off', async () => {
  const [, big = ''] = layers;
  const bytes = registry.blobs.get(big) as Buffer;
  const ranges: Array<string | undefined> = [];
  registry.interfere = (request, response) => {
    if (!request.url?.includes(big)) return false;
    ranges.push(request.headers.range);
    if (ranges.length > 1) return false;
    response.writeHead(200, { 'Content-Length': bytes.length });
    response.write(bytes.subarray(0, 1_500_000), () => response.destroy());
    return true;
  };
  const { body } = await pull();
  expect(statuses(body).at(-1)).toMatch(/^Status: Downloaded newer image/);
  expect(ranges).toHaveLength(2);
  expect(ranges[1]).toMatch(/^bytes=\d{6,}-$/);
});

it('refuses bytes that are not what they should be, and keeps nothing of them', async () => {
  const [, big = ''] = layers;
  const genuine = registry.blobs.get(big) as Buffer;
  registry.blobs.set(big, randomBytes(genuine.length));
  const { body } = await pull();
  expect((body as Message[]).at(-1)?.error).toContain('unexpected commit digest');
  expect((await client.call(`/images/${registry.host}/lib/x/json`)).status).toBe(404);
  registry.blobs.set(big, genuine);
  expect(statuses((await pull()).body).at(-1)).toMatch(/^Status: Downloaded newer image/);
});

it('does not read more than was announced', async () => {
  const [, big = ''] = layers;
  registry.blobs.set(big, Buffer.concat([registry.blobs.get(big) as Buffer, randomBytes(10_000)]));
  const { body } = await pull();
  expect((body as Message[]).at(-1)?.error).toContain('is longer than the');
});

it('stops when the client leaves and goes on from there the next time', async () => {
  const [, big = ''] = layers;
  const bytes = registry.blobs.get(big) as Buffer;
  let closed = false;
  registry.interfere = (request, response) => {
    if (!request.url?.includes(big)) return false;
    response.writeHead(200, { 'Content-Length': bytes.length });
    response.write(bytes.subarray(0, 1_500_000));
    response.once('close', () => (closed = true));
    return true;
  };
  const leave = new AbortController();
  const pulling = pull('lib/x', '&tag=latest', leave.signal).catch((error: unknown) => error);
  await vi.waitFor(() => expect(blobRequests().some((line) => line.includes(big))).toBe(true));
  await vi.waitFor(async () => expect(await uploadedBytes()).toBeGreaterThan(500_000), { timeout: 10_000 });
  leave.abort();
  await pulling;
  await vi.waitFor(() => expect(closed).toBe(true), { timeout: 5000 });
  const ranges: Array<string | undefined> = [];
  registry.interfere = (request) => {
    if (request.url?.includes(big)) ranges.push(request.headers.range);
    return false;
  };
  expect(statuses((await pull()).body).at(-1)).toMatch(/^Status: Downloaded newer image/);
  expect(ranges[0]).toMatch(/^bytes=\d{6,}-$/);
});

async function uploadedBytes(): Promise<number> {
  const { connectContainerd } = await import('@berth/guest-agent/testing');
  await using containerd = connectContainerd({ address: engine.containerdAddress, namespace: 'moby' });
  return Math.max(0, ...(await containerd.content.uploads()).map(({ offset }) => offset));
}

describe('several platforms', () => {
  it('takes the right one', async () => {
    const arm = await buildImage({ layers: [{ arm: 'x' }], architecture: 'arm64' });
    const index = buildIndex([
      { ...arm, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { ...image, platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    registry.put('lib/multi', 'latest', index);
    await pull('lib/multi', '&tag=latest&platform=linux/arm64');
    expect(blobRequests().some((line) => layers.some((digest) => line.includes(digest)))).toBe(false);
    const inspect = await client.call(`/images/${registry.host}/lib/multi/json?manifests=1`);
    expect(inspect.body).toMatchObject({
      Id: index.descriptor.digest,
      Architecture: 'arm64',
      Manifests: [{ Available: true }, { Available: false }],
    });
    const { body } = await pull('lib/multi', '&tag=latest&platform=linux/s390x');
    expect(JSON.stringify(body)).toContain('no matching manifest for linux/s390x in the manifest list entries');
  });
});

describe('refusals', () => {
  it('names what is not there', async () => {
    const name = `${registry.host}/nope:latest`;
    expect(await pull('nope')).toMatchObject({
      status: 404,
      body: { message: `failed to resolve reference "${name}": ${name}: not found` },
    });
  });

  it('has nothing to do with images of before 2016', async () => {
    const manifest = Buffer.from('{"schemaVersion":1,"name":"lib/x","tag":"latest","fsLayers":[],"history":[]}');
    registry.interfere = (request, response) => {
      const mediaType = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
      response.writeHead(200, { 'Content-Type': mediaType, 'Content-Length': manifest.length });
      response.end(request.method === 'HEAD' ? undefined : manifest);
      return true;
    };
    expect(JSON.stringify((await pull()).body)).toContain(
      'Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed.',
    );
  });

  it('lets go of a registry that says no more, when its client leaves', async () => {
    registry.interfere = (request, response) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200, { 'Content-Type': image.descriptor.mediaType });
      response.write('{');
      return true;
    };
    const leave = new AbortController();
    const pulling = pull('lib/x', '&tag=latest', leave.signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(registry.requests.some((line) => line.startsWith('GET'))).toBe(true));
    leave.abort();
    await pulling;
    registry.interfere = () => false;
    expect(statuses((await pull()).body).at(-1)).toMatch(/^Status: /);
  });

  it('does not follow redirects for ever', async () => {
    registry.interfere = (request, response) => {
      response.writeHead(307, { Location: request.url }).end();
      return true;
    };
    const { status, body } = await pull();
    expect(status).toBe(500);
    expect(JSON.stringify(body)).toContain('stopped after 10 redirects');
  });

  it('does not read a manifest of a hundred megabytes', async () => {
    registry.interfere = (request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      response.writeHead(200, { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, '{'))) continue;
      };
      response.on('drain', more);
      if (request.method === 'HEAD') response.end();
      else more();
      return true;
    };
    const { status, body } = await pull();
    expect(status).toBe(500);
    expect(JSON.stringify(body)).toContain('is larger than');
  });

  it('checks the digest of what was asked for by digest', async () => {
    const wrong = digestOf(Buffer.from('wrong'));
    const manifest = registry.blobs.get(image.descriptor.digest) as Buffer;
    registry.interfere = (request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      response.writeHead(200, { 'Content-Type': image.descriptor.mediaType, 'Content-Length': manifest.length });
      response.end(request.method === 'HEAD' ? undefined : manifest);
      return true;
    };
    const { body } = await pull(`lib/x@${wrong}`, '');
    expect(JSON.stringify(body)).toContain('unexpected digest');
  });
});
