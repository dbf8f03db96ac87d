import type { Blobs } from './blobs.ts';
import { isComplete, type ExportTarget } from './export-targets.ts';
import { isAttestation, manifestsOf, rank } from './manifests.ts';
import { annotations, isForeignLayer, isIndex, mediaTypes, type OciDescriptor, type OciManifest } from './oci.ts';
import { familiarString, fullString, type NamedReference } from './reference.ts';

/** One entry of an archive: a folder, a small file, or a blob. */
export type ArchiveEntry =
  | { name: string; kind: 'folder' }
  | { name: string; kind: 'file'; mode: number; bytes: Buffer }
  | { name: string; kind: 'blob'; descriptor: OciDescriptor };

export interface ArchivedImage {
  /** What index.json points at. */
  target: OciDescriptor;
  reference: ExportTarget['reference'];
  /** Labels of the target's blob that say where it came from. */
  sources: Record<string, string>;
}

/** The entries of an OCI layout that Docker's older readers understand too (manifest.json), by name. */
export async function archiveLayout(blobs: Blobs, images: ArchivedImage[]): Promise<ArchiveEntry[]> {
  const contents = new Map<string, OciDescriptor>();
  const docker = new Map<string, { manifest: OciManifest; tags: string[] }>();
  for (const { target, reference } of images) {
    for (const descriptor of await blobsOf(blobs, target)) contents.set(descriptor.digest, descriptor);
    await addDockerEntry(blobs, docker, { target, reference });
  }
  const entries: ArchiveEntry[] = [...contents.values()].map((descriptor) => ({
    name: blobPath(descriptor),
    kind: 'blob',
    descriptor,
  }));
  const folders = new Set(entries.map(({ name }) => name.slice(0, name.lastIndexOf('/') + 1)));
  if (folders.size > 0) folders.add('blobs/');
  entries.push(...[...folders].map((name) => ({ name, kind: 'folder' as const })));
  entries.push(jsonFile('oci-layout', { imageLayoutVersion: '1.0.0' }, 0o444));
  entries.push(jsonFile('index.json', indexOf(images)));
  if (docker.size > 0) entries.push(jsonFile('manifest.json', [...docker.values()].map(dockerManifest)));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const blobPath = ({ digest }: { digest: string }): string => `blobs/${digest.replace(':', '/')}`;

function jsonFile(name: string, value: unknown, mode = 0o644): ArchiveEntry {
  return { name, kind: 'file', mode, bytes: Buffer.from(JSON.stringify(value)) };
}

/** An index with all that is here of it; of a manifest whose parts are not all here, the manifest alone. */
async function blobsOf(blobs: Blobs, target: OciDescriptor): Promise<OciDescriptor[]> {
  const found: OciDescriptor[] = [];
  if (isIndex(target.mediaType)) {
    found.push(target);
    for (const child of await blobs.children(target))
      if (await blobs.has(child.digest)) found.push(...(await blobsOf(blobs, child)));
    return found;
  }
  found.push(target);
  if (!(await isComplete(blobs, target))) return found;
  return [...found, ...(await blobs.children(target)).filter(({ mediaType }) => !isForeignLayer(mediaType))];
}

/** manifest.json knows no platforms: the best one stands for the image. */
async function addDockerEntry(
  blobs: Blobs,
  docker: Map<string, { manifest: OciManifest; tags: string[] }>,
  { target, reference }: Pick<ArchivedImage, 'target' | 'reference'>,
): Promise<void> {
  let best: { descriptor: OciDescriptor; rank: number } | undefined;
  for (const descriptor of await manifestsOf(blobs, target)) {
    if (isAttestation(descriptor) || !(await isComplete(blobs, descriptor))) continue;
    const descriptorRank = descriptor.platform ? rank(descriptor.platform) : 0;
    if (!best || descriptorRank < best.rank) best = { descriptor, rank: descriptorRank };
  }
  if (!best) return;
  const { digest } = best.descriptor;
  const entry = docker.get(digest) ?? { manifest: await blobs.readJson<OciManifest>(best.descriptor), tags: [] };
  if (reference) entry.tags.push(familiarString(reference));
  docker.set(digest, entry);
}

const dockerManifest = ({ manifest, tags }: { manifest: OciManifest; tags: string[] }) => ({
  Config: blobPath(manifest.config),
  RepoTags: tags.length > 0 ? tags : null,
  Layers: manifest.layers.length > 0 ? manifest.layers.map(blobPath) : null,
});

function indexOf(images: ArchivedImage[]) {
  const manifests = images.map(({ target, reference, sources }) => {
    const { annotations: own = {}, ...descriptor } = target;
    const { [annotations.imageName]: _name, [annotations.refName]: _ref, ...others } = own;
    const all = { ...others, ...sources, ...(reference && namesOf(reference)) };
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
    const { mediaType, digest, size, ...rest } = descriptor;
    return { mediaType, digest, size, ...(Object.keys(sorted).length > 0 && { annotations: sorted }), ...rest };
  });
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
}

function namesOf(reference: NamedReference): Record<string, string> {
  return {
    [annotations.imageName]: fullString(reference),
    [annotations.refName]: reference.tag ?? fullString(reference),
  };
}
