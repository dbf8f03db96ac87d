import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { ImagesDefinition, type Image } from '../gen/containerd/services/images.ts';
import type { Descriptor } from '../gen/containerd/types/descriptor.ts';

export type { Image as ImageRecord, Descriptor };

export interface NewImage {
  /** Full reference, e.g. docker.io/library/busybox:latest. */
  name: string;
  target: Descriptor;
  labels?: Record<string, string>;
}

/** Names that point at content; a name keeps what it points at from garbage collection. */
export function imagesClient(connection: Connection) {
  const images = connection.service(ImagesDefinition);
  return {
    async get(name: string, options?: CallOptions): Promise<Image> {
      return (await images.unary('get', { name }, options)).image as Image;
    },
    /** Filters are containerd's (`target.digest==sha256:…`); an image is listed when any of them matches. */
    async list(filters: string[] = [], options?: CallOptions): Promise<Image[]> {
      return (await images.unary('list', { filters }, options)).images;
    },
    /** {@link AlreadyExistsError} when the name is taken. */
    async create(image: NewImage, options?: CallOptions): Promise<Image> {
      return (await images.unary('create', { image }, options)).image as Image;
    },
    /** Points an existing name somewhere else and replaces its labels. */
    async update(image: NewImage, options?: CallOptions): Promise<Image> {
      const updateMask = ['target', 'labels'];
      return (await images.unary('update', { image, updateMask }, options)).image as Image;
    },
    /** `sync` answers only after what became unreachable is gone from the disk. */
    async delete(name: string, options: CallOptions & { sync?: boolean } = {}): Promise<void> {
      await images.unary('delete', { name, sync: options.sync ?? false }, options);
    },
  };
}

export type ImagesClient = ReturnType<typeof imagesClient>;
