import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { SystemError } from '../api/errors.ts';
import type { DiffClient } from '../containerd/diff.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import type { Blobs, ContentStore } from './blobs.ts';
import type { ImageEvents } from './image-events.ts';
import { danglingName, type ImageStore } from './image-store.ts';
import { type ImportedLayer, storeLayer } from './import-layer.ts';
import { parentLabel } from './list.ts';
import { readPlatformImage } from './manifests.ts';
import { mediaTypes, type ImageConfig, type ImageRuntimeConfig, type OciDescriptor } from './oci.ts';
import { openParentView } from './parent-view.ts';
import { hostPlatform } from './platform.ts';
import { familiarString, fullString, type NamedReference } from './reference.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import { mapTarIds } from '../userns/map-tar-ids.ts';
import type { Unpacker } from './unpacker.ts';

export interface CommitBackend {
  blobs: Blobs;
  content: ContentStore;
  diff: DiffClient;
  snapshots: SnapshotsClient;
  leases: LeasesClient;
  store: ImageStore;
  unpacker: Unpacker;
  events: ImageEvents;
  /** Whose ids the container's files have; null: the image's. */
  identity: IdMapping | null;
}

export interface CommitImage {
  containerId: string;
  /** What the container was made from; null for nothing. */
  parent: { id: string; manifest: OciDescriptor } | null;
  config: ImageRuntimeConfig;
  /** The container's command, for the history. */
  createdBy: string;
  author: string;
  comment: string;
  /** null: the image has no name. */
  reference: NamedReference | null;
}

/** The uncompressed tar without any entry: two blocks of zeros. */
const emptyLayer = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/** Makes an image of what a container has written on top of its own image. Answers the image's id. */
export async function commitImage(backend: CommitBackend, request: CommitImage): Promise<string> {
  const { parent, reference } = request;
  const base = parent && (await readPlatformImage(backend.blobs, parent.manifest));
  await using lease = await backend.leases.temporary();
  const { leaseId } = lease;
  const layer = await packChanges(backend, request.containerId, leaseId);
  const config = configFor(base?.config ?? null, layer, request);
  const layers = [...(base?.manifest.layers ?? []), ...(layer ? [layer.descriptor] : [])];
  const target = await writeManifest(backend.blobs, { config, layers, leaseId });
  await backend.unpacker.unpack(await readPlatformImage(backend.blobs, target), { leaseId });
  const labels: Record<string, string> = parent ? { [parentLabel]: parent.id } : {};
  const image = { target: { ...target, annotations: {} }, labels };
  await backend.store.createOrReplace({ ...image, name: danglingName(target.digest) });
  await backend.events.log('create', target.digest, target.digest);
  if (reference) {
    await backend.store.createOrReplace({ ...image, name: fullString(reference) });
    await backend.events.log('tag', target.digest, familiarString(reference));
  }
  return target.digest;
}

/** null: the container has changed nothing. */
async function packChanges(
  backend: CommitBackend,
  containerId: string,
  leaseId: string,
): Promise<ImportedLayer | null> {
  const { diff, snapshots, content, identity } = backend;
  await using parent = await openParentView(backend, containerId);
  const right = await snapshots.mounts(containerId);
  const mediaType = identity ? mediaTypes.ociLayer : mediaTypes.ociLayerGzip;
  const ref = `commit-${randomUUID()}`;
  const packed = await diff.diff({ left: parent.mounts, right, mediaType, ref }, { leaseId });
  const diffId = identity ? packed.digest : await uncompressedDigest(content, packed.digest);
  if (diffId === emptyLayer) return null;
  if (identity) {
    const plain = content.read({ digest: packed.digest, size: Number(packed.size) }, { leaseId });
    const layer = mapTarIds(plain, (owner) => identity.toContainer(owner));
    return await storeLayer(Readable.from(layer), { content, leaseId });
  }
  return { descriptor: { mediaType, digest: packed.digest, size: Number(packed.size) }, diffId };
}

async function uncompressedDigest(content: ContentStore, digest: string): Promise<string> {
  const { labels } = await content.info(digest);
  const diffId = labels['containerd.io/uncompressed'];
  if (diffId === undefined) throw new SystemError('invalid differ response with no diffID');
  return diffId;
}

function configFor(base: ImageConfig | null, layer: ImportedLayer | null, request: CommitImage): ImageConfig {
  const created = new Date().toISOString();
  const author = request.author || base?.author;
  const { architecture, os } = base ?? hostPlatform;
  const history = {
    created,
    ...(request.createdBy && { created_by: request.createdBy }),
    ...(author && { author }),
    ...(request.comment && { comment: request.comment }),
    ...(!layer && { empty_layer: true }),
  };
  return {
    created,
    ...(author && { author }),
    ...{ architecture, os },
    config: request.config,
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs.diff_ids ?? []), ...(layer ? [layer.diffId] : [])] },
    history: [...(base?.history ?? []), history],
  };
}

/** Config and manifest, the latter keeping the former and the layers from garbage collection. */
async function writeManifest(
  blobs: Blobs,
  { config, layers, leaseId }: { config: ImageConfig; layers: OciDescriptor[]; leaseId: string },
): Promise<OciDescriptor> {
  const configDescriptor = await blobs.writeJson(config, { mediaType: mediaTypes.ociConfig, leaseId });
  const mediaType = mediaTypes.ociManifest;
  const manifest = { schemaVersion: 2, mediaType, config: configDescriptor, layers };
  const labels: Record<string, string> = { 'containerd.io/gc.ref.content.config': configDescriptor.digest };
  for (const [index, { digest }] of layers.entries()) labels[`containerd.io/gc.ref.content.l.${index}`] = digest;
  return await blobs.writeJson(manifest, { mediaType, labels, leaseId });
}
