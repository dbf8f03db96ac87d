import { InvalidParameterError, NotFoundError } from '../api/errors.ts';
import type { Blobs } from './blobs.ts';
import type { ImageEvents } from './image-events.ts';
import { idOf, targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { bestPresent } from './manifests.ts';
import { familiarName, familiarString, fullString, type NamedReference } from './reference.ts';

export interface TagBackend {
  blobs: Blobs;
  store: ImageStore;
  events: ImageEvents;
}

/** Gives an image one more name; an image that had it before stays, nameless if it has no other. */
export async function tagImage({ blobs, store, events }: TagBackend, text: string, to: NamedReference): Promise<void> {
  if (familiarName(to) === 'sha256') {
    throw new InvalidParameterError('refusing to create an ambiguous tag using digest algorithm as name');
  }
  const image = await resolve(store, text);
  await bestPresent(blobs, image);
  await store.createOrReplace({ name: fullString(to), target: targetOf(image), labels: image.labels });
  await events.log('tag', idOf(image), familiarString(to));
}

/** Docker counts a name that cannot be one as one that is not there. */
async function resolve(store: ImageStore, text: string): Promise<ImageRecord> {
  try {
    return await store.resolve(text);
  } catch (error) {
    if (!(error instanceof InvalidParameterError)) throw error;
    throw new NotFoundError(error.message, { cause: error });
  }
}
