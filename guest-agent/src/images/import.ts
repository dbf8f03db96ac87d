import type { Readable } from 'node:stream';
import { EngineError, SystemError } from '../api/errors.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import type { Blobs, ContentStore } from './blobs.ts';
import { applyChanges } from './changes.ts';
import type { ImageEvents } from './image-events.ts';
import { danglingName, type ImageStore } from './image-store.ts';
import { storeLayer, type ImportedLayer } from './import-layer.ts';
import { readPlatformImage } from './manifests.ts';
import { mediaTypes, type ImageConfig, type ImageRuntimeConfig, type OciDescriptor, type Platform } from './oci.ts';
import { hostPlatform } from './platform.ts';
import { familiarString, fullString, type NamedReference } from './reference.ts';
import type { Unpacker } from './unpacker.ts';

export interface ImportBackend {
  blobs: Blobs;
  content: ContentStore;
  leases: LeasesClient;
  store: ImageStore;
  unpacker: Unpacker;
  events: ImageEvents;
}

export interface ImportOptions {
  /** Absent: the image has no name. */
  reference?: NamedReference;
  message: string;
  /** Dockerfile instructions for the configuration. */
  changes: string[];
  platform?: Platform;
  signal?: AbortSignal;
}

/** `docker import`: the tar of a file system becomes an image of one layer. Answers its id. */
export async function importImage(backend: ImportBackend, source: Readable, options: ImportOptions): Promise<string> {
  const runtime = applyChanges({}, options.changes);
  await using lease = await backend.leases.temporary();
  const { leaseId } = lease;
  const layer = await storeLayer(source, { content: backend.content, leaseId, signal: options.signal });
  const manifest = await writeManifest(backend.blobs, configFor(layer, runtime, options), { layer, leaseId });
  await unpack(backend, manifest, { leaseId, reference: options.reference });
  const { mediaType, digest, size } = manifest;
  const name = options.reference ? fullString(options.reference) : danglingName(digest);
  await backend.store.createOrReplace({ name, target: { mediaType, digest, size, annotations: {} } });
  if (options.reference) await backend.events.log('tag', digest, familiarString(options.reference));
  await backend.events.log('import', digest, digest);
  return digest;
}

function configFor(
  { diffId }: ImportedLayer,
  config: ImageRuntimeConfig,
  { message, platform = hostPlatform }: ImportOptions,
): ImageConfig {
  const created = new Date().toISOString();
  const { architecture, os, variant } = platform;
  return {
    created,
    architecture,
    os,
    ...(variant && { variant }),
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, comment: message }],
    config,
  };
}

/** Config and manifest, the latter keeping the former and the layer from garbage collection. */
async function writeManifest(
  blobs: Blobs,
  config: ImageConfig,
  { layer, leaseId }: { layer: ImportedLayer; leaseId: string },
): Promise<OciDescriptor> {
  const configDescriptor = await blobs.writeJson(config, { mediaType: mediaTypes.ociConfig, leaseId });
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: configDescriptor,
    layers: [layer.descriptor],
  };
  const labels = {
    'containerd.io/gc.ref.content.config': configDescriptor.digest,
    'containerd.io/gc.ref.content.l.0': layer.descriptor.digest,
  };
  return await blobs.writeJson(manifest, { mediaType: mediaTypes.ociManifest, labels, leaseId });
}

async function unpack(
  { blobs, unpacker }: ImportBackend,
  manifest: OciDescriptor,
  { leaseId, reference }: { leaseId: string; reference: NamedReference | undefined },
): Promise<void> {
  try {
    await unpacker.unpack(await readPlatformImage(blobs, manifest), { leaseId });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const name = reference ? fullString(reference) : danglingName(manifest.digest);
    const text = `failed to unpack image: apply layer error for ${JSON.stringify(name)}: ${error.message}`;
    throw new SystemError(text, { cause: error });
  }
}
