import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Images made of given files, byte for byte the same every time. */
export interface TestImage {
  blobs: Map<string, Buffer>;
  descriptor: Descriptor;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: { architecture: string; os: string; variant?: string };
}

export const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export async function tarOf(files: Record<string, Buffer | string>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    archive.entry({ name, mode: 0o755, mtime: new Date(0) }, Buffer.from(content));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface ImageRecipe {
  /** One layer each. */
  layers: Array<Record<string, Buffer | string>>;
  architecture?: string;
  config?: object;
  /** Layers as they are; gzipped otherwise. */
  plain?: boolean;
  created?: string;
}

export async function buildImage(recipe: ImageRecipe): Promise<TestImage> {
  const { layers, architecture = 'amd64', config = {}, plain = false, created = '2025-02-03T04:05:06.7Z' } = recipe;
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const tars = await Promise.all(layers.map(tarOf));
  const layerType = 'application/vnd.oci.image.layer.v1.tar';
  const descriptors = tars.map((tar) =>
    plain ? add(layerType, tar) : add(`${layerType}+gzip`, gzipSync(tar, { level: 1 })),
  );
  const configuration = {
    created,
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: [
      ...tars.map((_, step) => ({ created, created_by: `step ${step}` })),
      { created, created_by: 'CMD ["sh"]', empty_layer: true },
    ],
  };
  const configDescriptor = add('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(configuration)));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType, config: configDescriptor, layers: descriptors };
  return { blobs, descriptor: add(mediaType, Buffer.from(JSON.stringify(manifest))) };
}

/** One image for several platforms. */
export function buildIndex(images: Array<TestImage & { platform: Descriptor['platform'] }>): TestImage {
  const blobs = new Map(images.flatMap((image) => [...image.blobs]));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = images.map(({ descriptor, platform }) => ({ ...descriptor, platform }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  blobs.set(digestOf(bytes), bytes);
  return { blobs, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** What `docker save` would write: `name` is short, e.g. berth-test/x:1. */
export async function ociArchive(images: Array<{ name: string; image: TestImage }>): Promise<Buffer> {
  const files: Record<string, Buffer | string> = { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' };
  for (const { image } of images) {
    for (const [digest, bytes] of image.blobs) files[`blobs/${digest.replace(':', '/')}`] = bytes;
  }
  const manifests = images.map(({ name, image }) => ({
    ...image.descriptor,
    annotations: {
      'io.containerd.image.name': `docker.io/${name}`,
      'org.opencontainers.image.ref.name': name.split(':')[1],
    },
  }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return await tarOf({ ...files, 'index.json': JSON.stringify({ schemaVersion: 2, mediaType, manifests }) });
}

/** What `docker save` wrote before 2023: one folder a layer, uncompressed. */
export async function dockerArchive(name: string, layers: Array<Record<string, string>>): Promise<Buffer> {
  const tars = await Promise.all(layers.map(tarOf));
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['old'] },
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    }),
  );
  const files: Record<string, Buffer | string> = { [`${digestOf(config).slice(7)}.json`]: config };
  const names = tars.map((tar, index) => {
    files[`layer${index}/layer.tar`] = tar;
    return `layer${index}/layer.tar`;
  });
  const manifest = [{ Config: `${digestOf(config).slice(7)}.json`, RepoTags: [name], Layers: names }];
  return await tarOf({ ...files, 'manifest.json': JSON.stringify(manifest) });
}
