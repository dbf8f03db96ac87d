import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { InvalidParameterError } from '../api/index.ts';
import { rfc3339Nano, type NanoClock } from '../clock.ts';
import { JsonFile } from '../storage/json-store.ts';
import type { NetworkRecord } from './network.ts';

const layoutVersion = 1;

/** What records of the first engines lack. */
const added = { enableIPv4: true, ipamOptions: null, configOnly: false, configFrom: '' };
const addedIpam = { ipRange: '', gateway: '', hasGateway: true, auxiliary: {} };

/** The networks, by id; written to disk before they can be seen. */
export class NetworkStore {
  readonly #networks = new Map<string, NetworkRecord>();
  readonly #file: JsonFile<NetworkRecord[]>;
  readonly #clock: NanoClock;

  static async open(dir: string, clock: NanoClock): Promise<NetworkStore> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const store = new NetworkStore(path.join(dir, 'networks.json'), clock);
    for (const record of (await store.#file.read()) ?? []) {
      const ipam = record.ipam.map((pool) => ({ ...addedIpam, ...pool }));
      store.#networks.set(record.id, { ...added, ...record, ipam });
    }
    return store;
  }

  private constructor(file: string, clock: NanoClock) {
    this.#file = new JsonFile(file, layoutVersion);
    this.#clock = clock;
  }

  list(): NetworkRecord[] {
    return [...this.#networks.values()];
  }

  byId(id: string): NetworkRecord | undefined {
    return this.#networks.get(id);
  }

  byName(name: string): NetworkRecord | undefined {
    return this.list().find((network) => network.name === name);
  }

  /** By full id, full name or start of an id, in this order. InvalidParameterError where several ids start so. */
  find(reference: string): NetworkRecord | undefined {
    const exact = this.#networks.get(reference) ?? this.byName(reference);
    if (exact) return exact;
    const matches = this.list().filter((network) => reference !== '' && network.id.startsWith(reference));
    if (matches.length < 2) return matches[0];
    throw new InvalidParameterError(
      `network ${reference} is ambiguous (${matches.length} matches found based on ID prefix)`,
    );
  }

  /** Adds a network or puts a new record of one in its place. */
  put(network: Omit<NetworkRecord, 'id' | 'created'> & { id?: string; created?: string }): NetworkRecord {
    const record = {
      ...network,
      id: network.id ?? randomBytes(32).toString('hex'),
      created: network.created ?? rfc3339Nano(this.#clock()),
    };
    // The engine says at each start what the default ones are, on a full disk, too.
    if (isDeepStrictEqual(record, this.#networks.get(record.id))) return record;
    this.#save(new Map(this.#networks).set(record.id, record));
    this.#networks.set(record.id, record);
    return record;
  }

  remove(id: string): void {
    const next = new Map(this.#networks);
    next.delete(id);
    this.#save(next);
    this.#networks.delete(id);
  }

  #save(networks: ReadonlyMap<string, NetworkRecord>): void {
    this.#file.write([...networks.values()], { durable: true });
  }
}
