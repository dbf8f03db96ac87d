import type { ImageDeleteEntry } from '../api/engine/image.ts';
import { ConflictError, InvalidParameterError } from '../api/errors.ts';
import type { ImageEvents } from './image-events.ts';
import {
  danglingName,
  familiarNameOf,
  idOf,
  isDangling,
  isDanglingRef,
  noSuchImage,
  referenceOf,
  targetOf,
  type ImageRecord,
  type ImageStore,
} from './image-store.ts';
import { type ImageUse, usesImage } from './image-use.ts';
import { parentLabel } from './list.ts';
import { familiarString, fullName, isNamed, parseNamed, type NamedReference } from './reference.ts';

export interface RemoveBackend {
  store: ImageStore;
  use: ImageUse;
  events: ImageEvents;
}

export interface RemoveOptions {
  force: boolean;
  /** Also removes what the image was built on, where nothing else is. */
  prune: boolean;
}

/** Reasons to refuse that `force` does away with; a running container always counts. */
interface Refusals {
  otherNames: boolean;
  stoppedContainers: boolean;
}

const shortId = (id: string): string => id.slice(id.indexOf(':') + 1).slice(0, 12);

/** DELETE /images/{name}: a name goes, and with the last one the image; an id removes all names. */
export async function removeImage(
  backend: RemoveBackend,
  text: string,
  options: RemoveOptions,
): Promise<ImageDeleteEntry[]> {
  if (text.trim() === '') throw new InvalidParameterError('image name cannot be blank');
  const { named, all } = await backend.store.resolveAll(text);
  const refusals = { otherNames: !options.force, stoppedContainers: !options.force };
  const deletion = { all, refusals, prune: options.prune };
  if (!named) return await removeById(backend, text, deletion);
  if (isPrefixOf(idOf(named), text) || (isDanglingRef(text) && isDangling(named))) {
    return await removeAll(backend, deletion);
  }
  const same = sameRepository(referenceOf(named), all);
  if (same.length !== all.length) return await untag(backend, same);
  if (all.length > 1) refusals.otherNames = false;
  const user = backend.use.containers().find((candidate) => usesImage(candidate, idOf(named)));
  if (!user) return await removeAll(backend, deletion);
  if (options.force) return await untagInUse(backend, named);
  throw conflict(familiarNameOf(named), {
    forceable: true,
    reason: `container ${shortId(user.containerId)} is using its referenced image ${shortId(idOf(named))}`,
  });
}

interface Deletion {
  all: ImageRecord[];
  refusals: Refusals;
  prune: boolean;
}

async function removeById(backend: RemoveBackend, text: string, deletion: Deletion): Promise<ImageDeleteEntry[]> {
  const { all, refusals } = deletion;
  const id = idOf(all[0] as ImageRecord);
  const wanted = isPrefixOf(id, text) ? undefined : namedOrUndefined(text);
  const same = sameRepository(wanted, all);
  if (wanted && same.length === 0) throw noSuchImage(wanted);
  if (same.length === all.length) refusals.otherNames = false;
  if (wanted && same.length !== all.length) return await untag(backend, same);
  return await removeAll(backend, deletion);
}

function isPrefixOf(id: string, text: string): boolean {
  return id.startsWith(text) || id.slice(id.indexOf(':') + 1).startsWith(text);
}

function namedOrUndefined(text: string): NamedReference | undefined {
  try {
    const reference = parseNamed(text);
    return isNamed(reference) ? reference : undefined;
  } catch (error) {
    if (error instanceof InvalidParameterError) return undefined;
    throw error;
  }
}

/**
 * The names that go together with `wanted` (the first name, if undefined): of the same repository, with the same tag,
 * or with a digest only while there is but one tag. Dangling names always do.
 */
export function sameRepository(wanted: NamedReference | undefined, records: ImageRecord[]): ImageRecord[] {
  const names = records.flatMap((record) => (isDangling(record) ? [] : [{ record, reference: referenceOf(record) }]));
  const lead = wanted ?? names.find(({ reference }) => reference)?.reference;
  const allTags = lead !== undefined && lead.tag === undefined && lead.digest !== undefined;
  const others = names.filter(({ reference }) => !reference || !lead || fullName(reference) === fullName(lead));
  const leadTag = lead?.tag ?? others.find(({ reference }) => reference?.tag !== undefined)?.reference?.tag;
  const chosen = others.filter(({ reference }) => allTags || !reference || reference.tag === leadTag);
  const tagsDiffer = others.some(({ reference }) => reference?.tag !== undefined && reference.tag !== leadTag);
  const untagged =
    tagsDiffer || allTags ? [] : others.filter(({ reference }) => reference && reference.tag === undefined);
  const result = new Set([...chosen, ...untagged].map(({ record }) => record));
  return records.filter((record) => isDangling(record) || result.has(record));
}

async function untag({ store, events }: RemoveBackend, records: ImageRecord[]): Promise<ImageDeleteEntry[]> {
  const entries: ImageDeleteEntry[] = [];
  for (const record of records) {
    await store.forget(record.name);
    const reference = referenceOf(record);
    if (!reference) continue;
    events.logPlain('untag', idOf(record), { name: familiarString(reference) });
    entries.push({ Untagged: familiarString(reference) });
  }
  return entries;
}

/** The container keeps its image: only the name goes. */
async function untagInUse({ store, events }: RemoveBackend, image: ImageRecord): Promise<ImageDeleteEntry[]> {
  await store.keepAsDangling(image);
  await store.forget(image.name);
  events.logPlain('untag', idOf(image), { name: familiarNameOf(image) });
  return [{ Untagged: familiarNameOf(image) }];
}

async function removeAll(backend: RemoveBackend, { all, refusals, prune }: Deletion): Promise<ImageDeleteEntry[]> {
  const [first] = all;
  if (!first) return [];
  const ancestors = prune ? await ancestorsOf(backend.store, first) : [];
  const entries: ImageDeleteEntry[] = [];
  for (const [index, image] of all.entries()) {
    const isLast = index === all.length - 1;
    entries.push(...(await removeName(backend, image, { all, refusals, sync: isLast })));
  }
  entries.push(await deleted(backend, first));
  for (const ancestor of ancestors) {
    if (!isDangling(ancestor) || refusalFor(backend, ancestor, { otherNames: true, stoppedContainers: true })) break;
    await backend.store.forget(ancestor.name, { sync: true });
    entries.push(await deleted(backend, ancestor));
  }
  return entries;
}

async function removeName(
  backend: RemoveBackend,
  image: ImageRecord,
  { all, refusals, sync }: { all: ImageRecord[]; refusals: Refusals; sync: boolean },
): Promise<ImageDeleteEntry[]> {
  const { store, events } = backend;
  const refusal = refusalFor(backend, image, { ...refusals, otherNames: refusals.otherNames && all.length > 1 });
  if (refusal) throw refusal;
  if (!isDangling(image) && all.length === 1 && refusals.otherNames && (await hasChildren(store, image))) {
    await store.createOrReplace({ name: danglingName(idOf(image)), target: targetOf(image), labels: image.labels });
  }
  await store.forget(image.name, { sync });
  if (isDangling(image)) return [];
  events.logPlain('untag', idOf(image), { name: familiarNameOf(image) });
  return [{ Untagged: familiarNameOf(image) }];
}

async function deleted({ events }: RemoveBackend, image: ImageRecord): Promise<ImageDeleteEntry> {
  await events.log('delete', idOf(image), idOf(image));
  return { Deleted: idOf(image) };
}

function refusalFor({ use }: RemoveBackend, image: ImageRecord, refusals: Refusals): ConflictError | undefined {
  const id = idOf(image);
  const users = use.containers().filter(({ imageId }) => imageId === id);
  const running = users.find((user) => user.running);
  if (running) {
    const reason = `image is being used by running container ${shortId(running.containerId)}`;
    return conflict(shortId(id), { forceable: false, reason });
  }
  const stopped = users.find((user) => !user.running);
  if (refusals.stoppedContainers && stopped) {
    const reason = `image is being used by stopped container ${shortId(stopped.containerId)}`;
    return conflict(shortId(id), { forceable: true, reason });
  }
  if (!refusals.otherNames) return undefined;
  return conflict(shortId(id), { forceable: true, reason: 'image is referenced in multiple repositories' });
}

function conflict(name: string, { forceable, reason }: { forceable: boolean; reason: string }): ConflictError {
  const force = forceable ? 'must be forced' : 'cannot be forced';
  return new ConflictError(`conflict: unable to delete ${name} (${force}) - ${reason}`);
}

async function hasChildren(store: ImageStore, image: ImageRecord): Promise<boolean> {
  return (await store.list()).some(({ labels }) => labels[parentLabel] === idOf(image));
}

/** Nearest first, as far as the classic builder's labels lead. */
async function ancestorsOf(store: ImageStore, image: ImageRecord): Promise<ImageRecord[]> {
  const ancestors: ImageRecord[] = [];
  for (let parent = image.labels[parentLabel]; parent; parent = ancestors.at(-1)?.labels[parentLabel]) {
    const [next] = await store.withDigest(parent);
    if (!next || ancestors.includes(next)) break;
    ancestors.push(next);
  }
  return ancestors;
}
