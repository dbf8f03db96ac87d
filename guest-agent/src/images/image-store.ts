import { InvalidParameterError, NotFoundError } from '../api/errors.ts';
import { AlreadyExistsError } from '../containerd/errors.ts';
import type { Descriptor, ImageRecord, ImagesClient, NewImage } from '../containerd/images.ts';
import {
  familiarString,
  fullName,
  fullString,
  isNamed,
  parseAnyReference,
  parseNamed,
  shortIdOf,
  withDefaultTag,
  type NamedReference,
  type Reference,
} from './reference.ts';

export type { Descriptor, ImageRecord };

/** An image that lost its last name keeps this one, so that its content stays. */
const danglingPrefix = 'moby-dangling@';

export const danglingName = (digest: string): string => danglingPrefix + digest;
export const targetOf = ({ target }: ImageRecord): Descriptor => target as Descriptor;
export const idOf = (image: ImageRecord): string => targetOf(image).digest;
export const isDangling = (image: ImageRecord): boolean => image.name === danglingName(idOf(image));
export const isDanglingRef = (text: string): boolean => text.startsWith(danglingPrefix);

/** The name's reference; undefined for dangling images and names that other tools gave. */
export function referenceOf(image: ImageRecord): NamedReference | undefined {
  if (isDangling(image)) return undefined;
  try {
    const reference = parseNamed(image.name);
    return fullString(reference) === image.name ? reference : undefined;
  } catch (error) {
    if (error instanceof InvalidParameterError) return undefined;
    throw error;
  }
}

/** Name as people write it; the id of a dangling image. */
export function familiarNameOf(image: ImageRecord): string {
  if (isDangling(image)) return idOf(image);
  const reference = referenceOf(image);
  return reference ? familiarString(reference) : image.name;
}

export function noSuchImage(reference: Reference): NotFoundError {
  const shown = isNamed(reference) ? withDefaultTag(reference) : reference;
  return new NotFoundError(`No such image: ${familiarString(shown)}`);
}

/** What the API's image parameter can stand for. */
export interface ResolvedNames {
  /** The record that has exactly this name; undefined when the text is an id. */
  named: ImageRecord | undefined;
  /** Every record of the same image. */
  all: ImageRecord[];
  /** What the text was parsed to. */
  reference: Reference;
}

/** Names and what they point at; owns which names exist, nothing about content. */
export class ImageStore {
  readonly #images: ImagesClient;

  constructor(images: ImagesClient) {
    this.#images = images;
  }

  list(): Promise<ImageRecord[]> {
    return this.#images.list();
  }

  withDigest(digest: string): Promise<ImageRecord[]> {
    return this.#images.list([`target.digest==${digest}`]);
  }

  async find(name: string): Promise<ImageRecord | undefined> {
    try {
      return await this.#images.get(name);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** One record for a name, a digest or a (short) id. Rejects with Docker's `No such image: …`. */
  async resolve(text: string): Promise<ImageRecord> {
    const reference = parseAnyReference(text);
    if (reference.digest !== undefined) return await this.#resolveDigest(reference, reference.digest);
    const name = fullString(withDefaultTag(reference as NamedReference));
    const named = await this.find(name);
    if (named) return named;
    const [first] = await this.#withShortId(text, reference);
    return first as ImageRecord;
  }

  /** As {@link resolve}, with every other name of the same image. */
  async resolveAll(text: string): Promise<ResolvedNames> {
    const reference = parseAnyReference(text);
    if (!isNamed(reference)) {
      const all = await this.withDigest(reference.digest);
      if (all.length === 0) throw noSuchImage(reference);
      return { named: undefined, all, reference };
    }
    const named = await this.find(fullString(withDefaultTag(reference)));
    if (named) return { named, all: await this.withDigest(idOf(named)), reference };
    if (reference.digest === undefined) {
      return { named: undefined, all: await this.#withShortId(text, reference), reference };
    }
    const all = await this.withDigest(reference.digest);
    if (all.length === 0) throw noSuchImage(reference);
    return { named: undefined, all, reference };
  }

  async create(image: NewImage): Promise<void> {
    await this.#images.create(image);
  }

  /** Creates the name or points it here; whatever it pointed at stays, as a dangling image if need be. */
  async createOrReplace(image: NewImage): Promise<void> {
    const old = await this.find(image.name);
    if (old && idOf(old) === image.target.digest) return;
    if (old) await this.keepAsDangling(old);
    if (old) await this.#images.update(image);
    else await this.#createOrUpdate(image);
    if (image.name !== danglingName(image.target.digest)) await this.forget(danglingName(image.target.digest));
  }

  /** Gives the image a dangling name unless it has another one beside this. */
  async keepAsDangling(image: ImageRecord): Promise<void> {
    const all = await this.withDigest(idOf(image));
    if (all.some(({ name }) => name !== image.name)) return;
    try {
      await this.#images.create({ name: danglingName(idOf(image)), target: targetOf(image), labels: image.labels });
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }

  /** Removes a name; `sync` waits until the disk is given back. Fine when it is gone already. */
  async forget(name: string, options?: { sync: boolean }): Promise<void> {
    try {
      await this.#images.delete(name, options);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async #createOrUpdate(image: NewImage): Promise<void> {
    try {
      await this.#images.create(image);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      await this.#images.update(image);
    }
  }

  async #resolveDigest(reference: Reference, digest: string): Promise<ImageRecord> {
    const images = await this.withDigest(digest);
    const wanted = isNamed(reference) ? fullName(reference) : undefined;
    const found = images.find((image) => {
      const candidate = wanted === undefined ? undefined : referenceOf(image);
      return wanted === undefined || (candidate !== undefined && fullName(candidate) === wanted);
    });
    if (!found) throw noSuchImage(reference);
    return found;
  }

  async #withShortId(text: string, reference: Reference): Promise<ImageRecord[]> {
    const id = shortIdOf(text);
    if (id === undefined) throw noSuchImage(reference);
    const images = await this.#images.list([`target.digest~="^sha256:${id}[0-9a-fA-F]{${64 - id.length}}$"`]);
    if (images.length === 0) throw noSuchImage(reference);
    if (new Set(images.map(idOf)).size > 1) throw new NotFoundError('ambiguous reference');
    return images;
  }
}
