import { NotFoundError } from '../api/errors.ts';
import type { Blobs } from './blobs.ts';
import type { ImageStore } from './image-store.ts';
import { bestPresent } from './manifests.ts';

export type ImageAction =
  'create' | 'pull' | 'push' | 'tag' | 'untag' | 'delete' | 'load' | 'import' | 'save' | 'prune';

/** Where events go; the events service is one. */
export interface EventSink {
  publish(event: {
    Type: 'image';
    Action: ImageAction;
    Actor: { ID: string; Attributes: Record<string, string> };
  }): void;
}

/** Image events as Docker words them: `name` and, while the image can be read, its labels. */
export class ImageEvents {
  readonly #sink: EventSink;
  readonly #blobs: Blobs;
  readonly #store: ImageStore;

  constructor(options: { sink: EventSink; blobs: Blobs; store: ImageStore }) {
    this.#sink = options.sink;
    this.#blobs = options.blobs;
    this.#store = options.store;
  }

  /** `id` is a digest, for pull and push the name. */
  async log(action: ImageAction, id: string, name: string): Promise<void> {
    const labels = await this.#labelsOf(id);
    this.logPlain(action, id, { ...labels, name });
  }

  logPlain(action: ImageAction, id: string, attributes: Record<string, string>): void {
    this.#sink.publish({ Type: 'image', Action: action, Actor: { ID: id, Attributes: attributes } });
  }

  async #labelsOf(id: string): Promise<Record<string, string>> {
    try {
      const { config } = await bestPresent(this.#blobs, await this.#store.resolve(id));
      return config.config?.Labels ?? {};
    } catch (error) {
      if (error instanceof NotFoundError) return {};
      throw error;
    }
  }
}
