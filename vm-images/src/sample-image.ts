import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listApplets } from './root-tree.ts';
import { makeTar, type TarEntry } from './tar.ts';
import { unpackPackages } from './unpack.ts';
import { type Architecture, readVersions } from './versions.ts';
import { openWorkFolder } from './work-folder.ts';

const layerMediaType = 'application/vnd.oci.image.layer.v1.tar';
const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';
const configMediaType = 'application/vnd.oci.image.config.v1+json';

/**
 * A busybox image of our own as `docker load` takes it, so that a first container needs no registry: an OCI layout with
 * the manifest.json of older engines beside it. Static busybox, a link per applet, nothing else.
 */
export async function buildSampleImage(target: string, architecture: Architecture): Promise<void> {
  const versions = await readVersions();
  await using work = await openWorkFolder();
  const root = path.join(work.path, 'root');
  const unpack = { architecture, versions, target: root };
  await unpackPackages({ ...unpack, packages: ['busybox-static'] });
  const busybox = await readFile(path.join(root, 'usr/bin/busybox'));
  const layer = makeTar(layerEntries(busybox, await listApplets(root, architecture)), versions.sourceDateEpoch);
  const image = makeTar(
    imageEntries(layer, { architecture, epoch: versions.sourceDateEpoch }),
    versions.sourceDateEpoch,
  );
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(`${target}.new`, image);
  await rename(`${target}.new`, target);
}

function layerEntries(busybox: Uint8Array, applets: readonly string[]): TarEntry[] {
  const directories = ['bin', 'etc', 'home', 'root', 'tmp', 'usr', 'usr/bin', 'var', 'var/www'];
  const links = applets.filter((applet) => applet !== 'busybox');
  return [
    ...directories.map((name): TarEntry => ({ name: `${name}/`, mode: name === 'tmp' ? 0o1777 : 0o755 })),
    { name: 'bin/busybox', mode: 0o755, content: busybox },
    ...links.map((applet): TarEntry => ({ name: `bin/${applet}`, mode: 0o777, linkTo: 'busybox' })),
    { name: 'usr/bin/env', mode: 0o777, linkTo: '/bin/env' },
    {
      name: 'etc/passwd',
      mode: 0o644,
      content: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
    },
    { name: 'etc/group', mode: 0o644, content: Buffer.from('root:x:0:\nnogroup:x:65534:\n') },
  ];
}

function imageEntries(layer: Buffer, of: { architecture: Architecture; epoch: number }): TarEntry[] {
  const { architecture, epoch } = of;
  const layerDigest = digestOf(layer);
  const config = json({
    architecture,
    os: 'linux',
    created: new Date(epoch * 1000).toISOString(),
    config: { Cmd: ['sh'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
    history: [{ created: new Date(epoch * 1000).toISOString(), created_by: 'busybox-static of Debian' }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: descriptor(configMediaType, config),
    layers: [descriptor(layerMediaType, layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor(manifestMediaType, manifest),
        annotations: {
          'io.containerd.image.name': 'docker.io/library/busybox:latest',
          'org.opencontainers.image.ref.name': 'latest',
        },
        platform: { architecture, os: 'linux' },
      },
    ],
  });
  const legacy = json([{ Config: blobPath(config), RepoTags: ['busybox:latest'], Layers: [blobPath(layer)] }]);
  return [
    { name: 'blobs/', mode: 0o755 },
    { name: 'blobs/sha256/', mode: 0o755 },
    ...[config, layer, manifest].map((blob): TarEntry => ({ name: blobPath(blob), mode: 0o644, content: blob })),
    { name: 'index.json', mode: 0o644, content: index },
    { name: 'manifest.json', mode: 0o644, content: legacy },
    { name: 'oci-layout', mode: 0o644, content: json({ imageLayoutVersion: '1.0.0' }) },
  ];
}

function descriptor(mediaType: string, blob: Buffer) {
  return { mediaType, digest: digestOf(blob), size: blob.length };
}

function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

function blobPath(blob: Buffer): string {
  return `blobs/${digestOf(blob).replace(':', '/')}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
