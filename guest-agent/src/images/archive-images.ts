import { InvalidParameterError } from '../api/errors.ts';
import type { Archive, StoredFile } from './archive-reader.ts';
import type { Blobs, ContentStore } from './blobs.ts';
import { detectCompression } from './decompress.ts';
import { platformOfConfig } from './manifests.ts';
import { annotations, isDescriptor, mediaTypes, type ImageConfig, type OciDescriptor, type OciIndex } from './oci.ts';
import { fullString, parseNamed, withDefaultTag } from './reference.ts';

/** An image that an archive offers; name is full, undefined for one that has none. */
export interface ArchiveImage {
  name: string | undefined;
  target: OciDescriptor;
}

export interface ArchiveBackend {
  blobs: Blobs;
  content: ContentStore;
  leaseId: string;
}

interface DockerArchiveEntry {
  Config: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
}

/** An OCI layout counts where there is one, else Docker's manifest.json; manifests are written for the latter. */
export async function imagesOf(archive: Archive, backend: ArchiveBackend): Promise<ArchiveImage[]> {
  const layout = archive.documents.get('oci-layout') as { imageLayoutVersion?: string } | undefined;
  if (layout?.imageLayoutVersion !== undefined) return fromLayout(archive, layout.imageLayoutVersion);
  const entries = archive.documents.get('manifest.json');
  if (!Array.isArray(entries)) throw new InvalidParameterError('unrecognized image format');
  if (!entries.every(isDockerEntry)) {
    throw new InvalidParameterError('manifest.json is not valid: expected {"Config", "RepoTags", "Layers"}');
  }
  const images: ArchiveImage[] = [];
  for (const entry of entries) images.push(...(await fromDockerEntry(entry, archive, backend)));
  return images;
}

function fromLayout(archive: Archive, version: string): ArchiveImage[] {
  if (version !== '1.0.0') throw new InvalidParameterError(`unsupported OCI version ${version}`);
  const index = archive.documents.get('index.json') as OciIndex | undefined;
  if (!index) throw new InvalidParameterError('missing index.json in OCI layout 1.0.0');
  const { manifests = [] } = index;
  if (!Array.isArray(manifests) || !manifests.every(isDescriptor)) {
    throw new InvalidParameterError('index.json is not valid: expected descriptors');
  }
  return manifests.map((target) => ({ name: nameIn(target), target }));
}

const isTexts = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

function isDockerEntry(value: unknown): value is DockerArchiveEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { Config, RepoTags, Layers } = value as Record<string, unknown>;
  return typeof Config === 'string' && isTexts(RepoTags) && isTexts(Layers);
}

/** Archives of other tools carry short names, which are completed so that they can be used. */
function nameIn({ annotations: given }: OciDescriptor): string | undefined {
  const name = given?.[annotations.imageName] ?? given?.[annotations.refName];
  if (name === undefined || name === '') return undefined;
  return fullString(withDefaultTag(parseNamed(name)));
}

async function fromDockerEntry(
  entry: DockerArchiveEntry,
  archive: Archive,
  backend: ArchiveBackend,
): Promise<ArchiveImage[]> {
  const config = archive.files.get(entry.Config);
  if (!config) throw new InvalidParameterError(`image config ${JSON.stringify(entry.Config)} not found`);
  const layers: OciDescriptor[] = [];
  for (const name of entry.Layers ?? []) layers.push(await layerIn(archive, name, backend));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, ...config },
    layers,
  };
  const { blobs, leaseId } = backend;
  const written = await blobs.writeJson(manifest, { mediaType: mediaTypes.dockerManifest, leaseId });
  const platform = platformOfConfig(await blobs.readJson<ImageConfig>(config));
  const target = { ...written, platform };
  if (!entry.RepoTags?.length) return [{ name: undefined, target }];
  return entry.RepoTags.map((tag) => named(tag, target));
}

function named(tag: string, target: OciDescriptor): ArchiveImage {
  const reference = withDefaultTag(parseNamed(tag));
  const name = fullString(reference);
  const given = { [annotations.imageName]: name, [annotations.refName]: reference.tag ?? '' };
  return { name, target: { ...target, annotations: given } };
}

/** A compressed blob of the same layer is preferred where there is one: the image then is the same as before. */
async function layerIn(archive: Archive, name: string, { content, leaseId, blobs }: ArchiveBackend) {
  const file = archive.files.get(name);
  if (!file) throw new InvalidParameterError(`layer ${JSON.stringify(name)} not found`);
  const stored = (await compressedTwin(file, content)) ?? file;
  if (stored !== file) await blobs.pin(stored.digest, leaseId);
  const head = await firstBytes(stored, content);
  const plain = detectCompression(head) === 'none';
  return {
    mediaType: plain ? mediaTypes.dockerLayer : mediaTypes.dockerLayerGzip,
    digest: stored.digest,
    size: stored.size,
  };
}

async function compressedTwin({ digest }: StoredFile, content: ContentStore): Promise<StoredFile | undefined> {
  for await (const info of content.list([`labels."containerd.io/uncompressed"==${digest}`])) {
    if (info.digest !== digest) return { digest: info.digest, size: info.size };
  }
  return undefined;
}

async function firstBytes({ digest, size }: StoredFile, content: ContentStore): Promise<Uint8Array> {
  if (size === 0) return new Uint8Array();
  for await (const chunk of content.read({ digest, size: Math.min(10, size) })) return chunk;
  return new Uint8Array();
}
