import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { connectContainerd } from '@berth/guest-agent/testing';
import { pack, type Header } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, digestOf, ociArchive, type TestImage } from './oci-image.ts';
import { startTestRegistry } from './registry.ts';

const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let image: TestImage;
/** Where hostile names lead; nothing may come to be there. */
let target: string;

beforeAll(async () => {
  engine = stack.use(await startImageEngine({ maxDownloadAttempts: 1, timeouts: { idleBodyMs: 300, headersMs: 300 } }));
  client = engine.client;
  target = stack.adopt(await mkdtemp(path.join(tmpdir(), 'berth-hostile-')), (dir) => rm(dir, { recursive: true }));
  image = await buildImage({ layers: [{ a: 'one' }] });
});
afterAll(() => stack.disposeAsync());
/** Whatever it was: no image, nothing stored, nothing outside, and the next load works. */
afterEach(async () => {
  expect((await client.call('/images/json?all=1')).body).toEqual([]);
  expect(await readdir(target)).toEqual([]);
  expect(await load(await ociArchive([{ name: 'library/good:1', image }]))).toBe('Loaded image: good:1');
  await client.call('/images/good:1', { method: 'DELETE' });
  await vi.waitFor(async () => expect(await stored()).toEqual({ blobs: [], uploads: [], leases: [] }), {
    timeout: 20_000,
    interval: 100,
  });
});

async function stored() {
  await using containerd = connectContainerd({ address: engine.containerdAddress, namespace: 'moby' });
  return {
    blobs: (await Array.fromAsync(containerd.content.list())).map(({ digest }) => digest),
    uploads: await containerd.content.uploads(),
    leases: await containerd.leases.list(),
  };
}

/** The last thing that a load says. */
async function load(body: Buffer): Promise<string> {
  const answer = await client.call('/images/load', { method: 'POST', body });
  expect(answer.status).toBe(200);
  const last = (answer.body as Array<{ stream?: string; error?: string }>).at(-1);
  return (last?.error ?? last?.stream ?? '').trim();
}

type Entry = Partial<Header> & { name: string; content?: string | Buffer };

async function archiveOf(entries: Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of entries) tar.entry(header, Buffer.from(content));
  tar.finalize();
  return Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>));
}

const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers' } });
const up = '../'.repeat(20);

describe('an archive', () => {
  it.each([
    ['names that lead out', () => [{ name: `${up}${target}/x` }, { name: `${target}/y` }], 'unrecognized image format'],
    [
      'devices in the place of documents',
      () => [{ name: 'manifest.json', type: 'character-device' }],
      'unrecognized image format',
    ],
    [
      'a link in the place of a document',
      () => [{ name: 'manifest.json', type: 'symlink', linkname: '/etc/passwd' }],
      'unrecognized image format',
    ],
    [
      'a layer that is a link out of it',
      () => [
        { name: 'manifest.json', content: JSON.stringify([{ Config: 'c', RepoTags: ['bad:1'], Layers: ['l'] }]) },
        { name: 'c', content: config },
        { name: 'l', type: 'symlink', linkname: '/etc/passwd' },
      ],
      'layer "l" not found',
    ],
    [
      'a document of 21 MB',
      () => [{ name: 'manifest.json', content: Buffer.alloc(21 << 20, ' ') }],
      'manifest.json is too large',
    ],
    ['a document that is cut off', () => [{ name: 'manifest.json', content: '[{' }], 'manifest.json is not valid JSON'],
    [
      'a list of nothing',
      () => [{ name: 'manifest.json', content: '[null]' }],
      'manifest.json is not valid: expected {"Config", "RepoTags", "Layers"}',
    ],
    [
      'numbers for names',
      () => [{ name: 'manifest.json', content: '[{"Config":1,"Layers":[2]}]' }],
      'manifest.json is not valid: expected {"Config", "RepoTags", "Layers"}',
    ],
    [
      'an index of nothing',
      () => [
        { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
        { name: 'index.json', content: '{"manifests":[null]}' },
      ],
      'index.json is not valid: expected descriptors',
    ],
    [
      'an index that names files by digest',
      () => [
        { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
        {
          name: 'index.json',
          content: `{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${up}etc/passwd","size":1}]}`,
        },
      ],
      'index.json is not valid: expected descriptors',
    ],
  ] as Array<[string, () => Entry[], string]>)('with %s', async (_, entries, message) => {
    expect(await load(await archiveOf(entries()))).toBe(message);
  });

  it('of a gzip that is cut off', async () => {
    const whole = gzipSync(await ociArchive([{ name: 'library/bad:1', image }]));
    expect(await load(whole.subarray(0, whole.length / 2))).toContain('unexpected e');
  });

  it('of a gzip that is damaged', async () => {
    const damaged = gzipSync(await ociArchive([{ name: 'library/bad:1', image }]));
    damaged.fill(0xff, 40, 60);
    expect(await load(damaged)).toMatch(/invalid|incorrect/);
  });

  it('that is a bomb: a document of 4 GB in 4 MB, of which little is read', async () => {
    const head = (await archiveOf([{ name: 'manifest.json' }])).subarray(0, 512);
    head.write('40000000000 ', 124, 'latin1');
    head.write('        ', 148, 'latin1');
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await load(gzipSync(Buffer.concat([head, Buffer.alloc(64 << 20)])))).toBe('manifest.json is too large');
  });
});

describe('a layer', () => {
  /** An image with one layer of these entries, which is loaded or not, and gone afterwards. */
  async function loadLayer(entries: Entry[]): Promise<string> {
    const layer = await archiveOf(entries);
    const [rootfs, descriptor] = [
      { type: 'layers', diff_ids: [digestOf(layer)] },
      { digest: digestOf(layer), size: layer.length },
    ];
    const made = await imageOf({ layer, rootfs, descriptor });
    const said = await load(await ociArchive([{ name: 'library/bad:1', image: made }]));
    await client.call('/images/bad:1', { method: 'DELETE' });
    return said;
  }

  async function imageOf({
    layer,
    rootfs,
    descriptor,
  }: {
    layer: Buffer;
    rootfs: object;
    descriptor: { digest: string; size: number };
  }): Promise<TestImage> {
    const configBytes = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: digestOf(configBytes),
          size: configBytes.length,
        },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...descriptor }],
      }),
    );
    const blobs = new Map([layer, configBytes, manifest].map((bytes) => [digestOf(bytes), bytes] as const));
    return {
      blobs,
      descriptor: {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(manifest),
        size: manifest.length,
      },
    };
  }

  it.each([
    ['names that lead out', () => [{ name: `${up}${target}/x`, content: 'x' }]],
    [
      'a link out, and a file behind it',
      () => [
        { name: 'out', type: 'symlink', linkname: target },
        { name: 'out/x', content: 'x' },
      ],
    ],
    ['a hard link to a file of the host', () => [{ name: 'in', type: 'link', linkname: `${up}etc/passwd` }]],
    ['a whiteout that leads out', () => [{ name: `${up}${target}/.wh.x` }, { name: '.wh...' }]],
    [
      'a device behind a link out',
      () => [
        { name: 'out', type: 'symlink', linkname: target },
        { name: 'out/null', type: 'character-device', devmajor: 1, devminor: 3 },
      ],
    ],
  ] as Array<[string, () => Entry[]]>)('with %s', async (_, entries) => {
    expect(await loadLayer(entries())).toMatch(/^(Loaded image: bad:1|Error unpacking image bad:1: .+)$/);
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  it('whose digest is not what the configuration says', async () => {
    const layer = await archiveOf([{ name: 'x', content: 'x' }]);
    const rootfs = { type: 'layers', diff_ids: [digestOf(Buffer.from('other'))] };
    const made = await imageOf({ layer, rootfs, descriptor: { digest: digestOf(layer), size: layer.length } });
    expect(await load(await ociArchive([{ name: 'library/bad:1', image: made }]))).toContain(
      'Error unpacking image bad:1: wrong diff id calculated on extraction',
    );
    await client.call('/images/bad:1', { method: 'DELETE' });
  });
});

describe('a registry', () => {
  const pull = async (host: string) => {
    const { body } = await client.call(`/images/create?fromImage=${host}/x&tag=1`, { method: 'POST' });
    return JSON.stringify(Array.isArray(body) ? body.at(-1) : body);
  };

  it('that falls silent in a manifest', async () => {
    await using registry = await startTestRegistry();
    registry.put('x', '1', image);
    registry.interfere = (request, response) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200, { 'Content-Type': image.descriptor.mediaType }).write('{');
      return true;
    };
    expect(await pull(registry.host)).toContain('timeout awaiting response');
  });

  it('that does not answer at all', async () => {
    await using registry = await startTestRegistry();
    registry.interfere = () => true;
    expect(await pull(registry.host)).toContain('timeout awaiting response headers');
  });

  it('that falls silent in a layer', async () => {
    await using registry = await startTestRegistry();
    registry.put('x', '1', image);
    const [layer = ''] = image.blobs.keys();
    registry.interfere = (request, response) => {
      if (!request.url?.includes(layer)) return false;
      response.writeHead(200, { 'Content-Length': 100 }).write('x');
      return true;
    };
    expect(await pull(registry.host)).toContain('timeout awaiting response');
  });

  it('that sends a layer whose gzip is cut off', async () => {
    await using registry = await startTestRegistry();
    const [whole = Buffer.alloc(0)] = image.blobs.values();
    const made = await cutImage(whole.subarray(0, whole.length - 20));
    registry.put('x', '1', made);
    expect(await pull(registry.host)).toMatch(/failed to extract layer sha256:.*(unexpected EOF|corrupted)/);
  });

  it('that sends garbage for a manifest', async () => {
    await using registry = await startTestRegistry();
    const bytes = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"../../x"},"layers":[{"digest":7}]}',
    );
    registry.put('x', '1', {
      blobs: new Map([[digestOf(bytes), bytes]]),
      descriptor: {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(bytes),
        size: bytes.length,
      },
    });
    expect(await pull(registry.host)).toContain('is not an image manifest');
  });

  async function cutImage(layer: Buffer): Promise<TestImage> {
    const made = await buildImage({ layers: [{ a: 'one' }] });
    const [config = Buffer.alloc(0)] = [...made.blobs.values()].slice(1);
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: made.descriptor.mediaType,
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: digestOf(config),
          size: config.length,
        },
        layers: [
          { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(layer), size: layer.length },
        ],
      }),
    );
    const blobs = new Map([layer, config, manifest].map((bytes) => [digestOf(bytes), bytes] as const));
    return { blobs, descriptor: { ...made.descriptor, digest: digestOf(manifest), size: manifest.length } };
  }
});

it('gives the disk of an image back when it is removed', async () => {
  const made = await buildImage({ layers: [{ a: Buffer.alloc(80 << 20, 'some text. ') }] });
  const used = diskUsed();
  await load(await ociArchive([{ name: 'library/large:1', image: made }]));
  expect(diskUsed() - used).toBeGreaterThan(80 << 20);
  await client.call('/images/large:1', { method: 'DELETE' });
  await vi.waitFor(() => expect(diskUsed() - used).toBeLessThan(1 << 20), { timeout: 20_000, interval: 100 });
});

/** Bytes under containerd's root, blobs and snapshots. */
function diskUsed(): number {
  const root = path.join(path.dirname(engine.containerdAddress), 'root');
  return Number(execFileSync('du', ['-s', '-B1', root], { encoding: 'utf8' }).split('\t')[0]);
}
