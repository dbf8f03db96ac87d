import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { InvalidParameterError, NotFoundError } from '../api/index.ts';
import { rfc3339Nano } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { DataRoot } from '../storage/data-root.ts';
import { JsonFile } from '../storage/json-store.ts';
import { Container, type ContainerPersistence, type ContainerRecord } from './container.ts';
import { initialState, type ContainerState } from './container-state.ts';
import { NameRegistry } from './name-registry.ts';

const recordLayout = 1;
const stateLayout = 1;
const creationLayout = 1;
/** A file that comes into a folder while it goes is no reason to keep either. */
const lateWriters = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

/** A creation that a crash has cut off. */
export interface Unfinished {
  id: string;
  /** Made for it alone. */
  volumes: string[];
}

/** All containers of the engine, in memory and on disk. */
export class ContainerStore implements ContainerPersistence {
  readonly names = new NameRegistry();
  readonly #containers = new Map<string, Container>();
  readonly #root: DataRoot;
  #log: Logger | null = null;
  #unfinished: Unfinished[] = [];

  constructor(root: DataRoot) {
    this.#root = root;
  }

  /** Reads what an earlier agent has written; a container whose files cannot be read is left alone and reported. */
  async load(log: Logger): Promise<void> {
    this.#log = log;
    await mkdir(this.#root.containers, { recursive: true, mode: 0o700 });
    for (const id of await readdir(this.#root.containers)) {
      try {
        await this.#loadOne(id);
      } catch (error) {
        log.error({ err: error, container: id }, 'container could not be read');
      }
    }
  }

  async #loadOne(id: string): Promise<void> {
    const paths = this.#root.container(id);
    const record = await new JsonFile<ContainerRecord>(paths.record, recordLayout).read();
    // A crash before the record was written: nobody has heard of this container.
    if (!record) return void this.#unfinished.push({ id, volumes: await this.#volumesMadeFor(id) });
    const state = (await this.#readState(id)) ?? initialState;
    this.names.reserve(record.name, id);
    this.#containers.set(id, new Container({ record, state, paths, persistence: this }));
  }

  /** One that cannot be read was torn by a power cut: whether the container runs is then for containerd to say. */
  async #readState(id: string): Promise<ContainerState | null> {
    const { state } = this.#root.container(id);
    try {
      return await new JsonFile<ContainerState>(state, stateLayout).read();
    } catch (error) {
      this.#log?.error({ err: error, container: id }, 'the state of a container was lost');
      const startedAt = rfc3339Nano(BigInt(Math.round((await stat(state)).mtimeMs)) * 1_000_000n);
      return { ...initialState, phase: 'running', hasRun: true, startAttempted: true, startedAt };
    }
  }

  async #volumesMadeFor(id: string): Promise<string[]> {
    const file = new JsonFile<{ volumes: string[] }>(this.#root.container(id).creating, creationLayout);
    return (await file.read().catch(() => null))?.volumes ?? [];
  }

  /** Creations that an earlier agent did not finish; each is to be undone, then forgotten. */
  unfinished(): readonly Unfinished[] {
    return this.#unfinished;
  }

  async forgetUnfinished({ id }: Unfinished): Promise<void> {
    await rm(this.#root.container(id).dir, { recursive: true, force: true });
    this.#unfinished = this.#unfinished.filter((other) => other.id !== id);
  }

  /** Before they are made: volumes that go if the creation does not come to its end. The folder exists. */
  noteCreation(id: string, volumes: string[]): void {
    new JsonFile<{ volumes: string[] }>(this.#root.container(id).creating, creationLayout).write({ volumes });
  }

  /** Writes a new container to disk, then shows it. */
  add(record: ContainerRecord): Container {
    const container = new Container({
      record,
      state: initialState,
      paths: this.#root.container(record.id),
      persistence: this,
    });
    this.saveState(record.id, initialState);
    this.saveRecord(record);
    rmSync(container.paths.creating, { force: true });
    this.#containers.set(record.id, container);
    return container;
  }

  /** Forgets a container; its folder goes last, so that a crash leaves one that can be removed again. */
  async remove(container: Container): Promise<void> {
    await rm(container.paths.runDir, lateWriters);
    await rm(container.paths.dir, lateWriters);
    this.#containers.delete(container.id);
    this.names.release(container.name);
  }

  all(): Container[] {
    return [...this.#containers.values()];
  }

  /** By full id, name, link ('source/alias') or unambiguous start of an id, in this order. */
  get(reference: string): Container {
    if (reference === '') throw new InvalidParameterError('invalid empty id');
    const name = reference.replace(/^\//, '');
    const named = this.names.idOf(name) ?? this.#linkedId(name);
    const found = this.#containers.get(reference) ?? (named === undefined ? undefined : this.#containers.get(named));
    return found ?? this.#byPrefix(reference);
  }

  /** As {@link get}, undefined instead of an error. */
  find(reference: string): Container | undefined {
    try {
      return this.get(reference);
    } catch {
      return undefined;
    }
  }

  saveRecord(record: ContainerRecord): void {
    new JsonFile<ContainerRecord>(this.#root.container(record.id).record, recordLayout).write(record, {
      durable: true,
    });
  }

  saveState(id: string, state: ContainerState): void {
    new JsonFile<ContainerState>(this.#root.container(id).state, stateLayout).write(state);
  }

  reportUnsaved(id: string, error: unknown): void {
    this.#log?.error({ err: error, container: id }, 'the state of a container could not be written');
  }

  /** 'source/alias' is a name of the container that the link leads to. */
  #linkedId(name: string): string | undefined {
    const at = name.lastIndexOf('/');
    const source = at === -1 ? undefined : this.#containers.get(this.names.idOf(name.slice(0, at)) ?? '');
    return source?.record.links?.find(({ alias }) => alias === name.slice(at + 1))?.targetId;
  }

  #byPrefix(reference: string): Container {
    const matches = this.all().filter((container) => container.id.startsWith(reference));
    if (matches.length > 1) {
      throw new InvalidParameterError(`Multiple IDs found with provided prefix: ${reference}`);
    }
    const [match] = matches;
    if (!match) throw new NotFoundError(`No such container: ${reference}`);
    return match;
  }
}
