import type { EventPublisher } from '../events/event.ts';
import type { Images } from '../images/images.ts';
import { familiarString, parseNamed } from '../images/reference.ts';
import type { Logger } from '../logger.ts';

interface Publisher {
  images: Pick<Images, 'resolve'>;
  events: EventPublisher;
}

/** Tells of an image that BuildKit has put into the store; one that went elsewhere (a registry, a file) is not there. */
export function noteExport(notes: Publisher & { log: Logger }, made: Readonly<Record<string, string>>): void {
  const id = made['containerimage.digest'];
  if (id === undefined) return;
  const names = (made['image.name'] ?? '').split(',').filter((name) => name !== '');
  const publish = async () => {
    await publishImage(notes, { action: 'create', id, name: id });
    for (const name of names) await publishImage(notes, { action: 'tag', id, name: familiarString(parseNamed(name)) });
  };
  publish().catch((error: unknown) => notes.log.debug({ err: error, image: id }, 'not in the image store'));
}

export async function publishImage(
  { images, events }: Publisher,
  image: { action: 'create' | 'tag'; id: string; name: string },
): Promise<void> {
  const { action, id, name } = image;
  const { config } = await images.resolve(id);
  const attributes = { ...config.config?.Labels, name };
  events.publish({ Type: 'image', Action: action, Actor: { ID: id, Attributes: attributes } });
}
