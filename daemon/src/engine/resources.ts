import type { ContainerRow, ImageRow, VolumeRow } from '../api/engine.ts';
import { withQuery } from '../api/operations.ts';
import type { EngineClient } from './engine-client.ts';
import {
  containerRow,
  imageRow,
  volumeRow,
  type EngineContainer,
  type EngineImage,
  type EngineVolume,
} from './rows.ts';

/** What the dashboard lists and does with containers, images and volumes. */
export class EngineResources {
  readonly #engine: EngineClient;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /** `id`: only that one, if it is there. */
  async containers(id?: string): Promise<ContainerRow[]> {
    const filters = id === undefined ? undefined : JSON.stringify({ id: [id] });
    const path = withQuery('/containers/json', { all: 1, filters });
    return (await this.#engine.json<EngineContainer[]>({ path })).map(containerRow);
  }

  async images(): Promise<ImageRow[]> {
    const [images, containers] = await Promise.all([
      this.#engine.json<EngineImage[]>({ path: '/images/json' }),
      this.#engine.json<(EngineContainer & { ImageID: string })[]>({ path: '/containers/json?all=1' }),
    ]);
    const uses = Map.groupBy(containers, ({ ImageID }) => ImageID);
    return images.map((image) => imageRow(image, uses.get(image.Id)?.length ?? 0));
  }

  async volumes(): Promise<VolumeRow[]> {
    const [{ Volumes }, containers] = await Promise.all([
      this.#engine.json<{ Volumes: EngineVolume[] | null }>({ path: '/volumes' }),
      this.containers(),
    ]);
    return (Volumes ?? []).map((volume) => volumeRow(volume, containers));
  }

  actOnContainer(id: string, verb: 'start' | 'stop' | 'restart' | 'unpause'): Promise<void> {
    return this.#engine.send({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/${verb}` });
  }

  removeContainer(id: string, force: boolean): Promise<void> {
    return this.#remove(`/containers/${encodeURIComponent(id)}`, force);
  }

  removeImage(id: string, force: boolean): Promise<void> {
    return this.#remove(`/images/${encodeURIComponent(id)}`, force);
  }

  removeVolume(name: string): Promise<void> {
    return this.#remove(`/volumes/${encodeURIComponent(name)}`, false);
  }

  #remove(path: string, force: boolean): Promise<void> {
    return this.#engine.send({ method: 'DELETE', path: withQuery(path, { force: force ? 1 : undefined }) });
  }
}
