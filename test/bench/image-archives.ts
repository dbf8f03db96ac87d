import { createHash, randomFillSync } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { stat, readFile, rm } from 'node:fs/promises';

interface Blob {
  digest: string;
  size: number;
}

interface Layer extends Blob {
  file: string;
  diffId: string;
}

interface Image {
  name: string;
  layers: Layer[];
}

const mebibyte = 1024 * 1024;
const ociType = (kind: string) => `application/vnd.oci.image.${kind}`;
const sha256 = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** One image of ten layers of 100 MiB each, half of which gzip can squeeze out. */
export async function bigArchive(dir: string): Promise<string> {
  const layers: Layer[] = [];
  for (let n = 0; n < 10; n++) layers.push(await makeLayer(path.join(dir, `big-${n}`), largeFiles(n)));
  return await archive(path.join(dir, 'big.tar'), [{ name: 'bench-big:1', layers }]);
}

/** One image of 10,000 files in one layer. */
export async function manyFilesArchive(dir: string): Promise<string> {
  const layer = await makeLayer(path.join(dir, 'many'), smallFiles());
  return await archive(path.join(dir, 'many.tar'), [{ name: 'bench-many:1', layers: [layer] }]);
}

/** So many small images that differ only in their configuration. */
export async function manyImagesArchive(dir: string, count: number): Promise<string> {
  const layer = await makeLayer(path.join(dir, 'small'), [['file', Buffer.from('x')]]);
  const images = Array.from({ length: count }, (_, n) => ({ name: `bench-list-${n}:1`, layers: [layer] }));
  return await archive(path.join(dir, 'list.tar'), images);
}

function* largeFiles(layer: number): Generator<[string, Buffer]> {
  for (let n = 0; n < 10; n++) {
    const content = Buffer.alloc(10 * mebibyte, 'some text that is repeated. ');
    for (let start = 0; start < content.length; start += 8192) randomFillSync(content, start, 4096);
    yield [`layer-${layer}/file-${n}`, content];
  }
}

function* smallFiles(): Generator<[string, Buffer]> {
  for (let n = 0; n < 10_000; n++) yield [`many/${n % 100}/${n}`, randomFillSync(Buffer.alloc(1000 + (n % 7000)))];
}

async function makeLayer(file: string, files: Iterable<[string, Buffer]>): Promise<Layer> {
  const tar = pack();
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  const written = pipeline(tar, hashing(plain), createGzip({ level: 1 }), hashing(packed), createWriteStream(file));
  for (const [name, content] of files)
    await finished(tar.entry({ name, mtime: new Date(0), size: content.length }).end(content));
  tar.finalize();
  await written;
  const digest = `sha256:${packed.digest('hex')}`;
  return { file, digest, size: (await stat(file)).size, diffId: `sha256:${plain.digest('hex')}` };
}

const hashing = (hash: ReturnType<typeof createHash>) =>
  async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };

/** An OCI layout; the layers' own files are removed. */
async function archive(file: string, images: Image[]): Promise<string> {
  const tar = pack();
  const output: WriteStream = createWriteStream(file);
  const written = pipeline(tar, output);
  const add = async (name: string, bytes: Buffer) =>
    await finished(tar.entry({ name, mtime: new Date(0), size: bytes.length }).end(bytes));
  await add('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  for (const layer of uniqueLayers(images)) {
    await add(blobPath(layer.digest), await readFile(layer.file));
    await rm(layer.file);
  }
  const manifests: object[] = [];
  for (const image of images) manifests.push(await addManifest(image, add));
  const mediaType = ociType('index.v1+json');
  await add('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })));
  tar.finalize();
  await written;
  return file;
}

const uniqueLayers = (images: Image[]): Layer[] => [
  ...new Map(images.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer] as const))).values(),
];

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** Writes an image's config and manifest; answers its entry in the index. */
async function addManifest({ name, layers }: Image, add: (name: string, bytes: Buffer) => Promise<void>) {
  const store = async (kind: string, value: object): Promise<Blob & { mediaType: string }> => {
    const bytes = Buffer.from(JSON.stringify(value));
    await add(blobPath(sha256(bytes)), bytes);
    return { mediaType: ociType(kind), digest: sha256(bytes), size: bytes.length };
  };
  const config = await store('config.v1+json', {
    ...{ created: '2025-01-01T00:00:00Z', architecture: 'amd64', os: 'linux', config: { Labels: { name } } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = await store('manifest.v1+json', {
    ...{ schemaVersion: 2, mediaType: ociType('manifest.v1+json'), config },
    layers: layers.map(({ digest, size }) => ({ mediaType: ociType('layer.v1.tar+gzip'), digest, size })),
  });
  const [short = '', tag = ''] = name.split(':');
  const annotations = {
    'io.containerd.image.name': `docker.io/library/${short}:${tag}`,
    'org.opencontainers.image.ref.name': tag,
  };
  return { ...manifest, annotations };
}
