import { randomUUID } from 'node:crypto';
import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { LeasesDefinition, type Lease, type Resource } from '../gen/containerd/services/leases.ts';

export type { Lease, Resource as LeaseResource };

export interface TemporaryLeaseOptions {
  /** A day if absent. */
  expiresInMs?: number;
  labels?: Record<string, string>;
}

export interface TemporaryLease extends AsyncDisposable {
  readonly leaseId: string;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Marks leases that last as long as an operation with the process that made them. */
const ownerLabel = 'berth.owner';
const owner = randomUUID();

/** A lease keeps what it names, or what was made under it, from garbage collection until it is deleted or expires. */
export function leasesClient(connection: Connection) {
  const leases = connection.service(LeasesDefinition);
  const client = {
    /** {@link AlreadyExistsError} when the id is taken. */
    async create(lease: { id: string; labels?: Record<string, string> }, options?: CallOptions): Promise<void> {
      await leases.unary('create', lease, options);
    },
    /** `sync` answers only after what became unreachable is gone from the disk. */
    async delete(id: string, options: CallOptions & { sync?: boolean } = {}): Promise<void> {
      await leases.unary('delete', { id, sync: options.sync ?? false }, options);
    },
    async list(filters: string[] = [], options?: CallOptions): Promise<Lease[]> {
      return (await leases.unary('list', { filters }, options)).leases;
    },
    async addResource(id: string, resource: Resource, options?: CallOptions): Promise<void> {
      await leases.unary('addResource', { id, resource }, options);
    },
    async removeResource(id: string, resource: Resource, options?: CallOptions): Promise<void> {
      await leases.unary('deleteResource', { id, resource }, options);
    },
    async resources(id: string, options?: CallOptions): Promise<Resource[]> {
      return (await leases.unary('listResources', { id }, options)).resources;
    },
    /** For the length of one operation; expires by itself if the agent dies in the middle. */
    async temporary({ expiresInMs = dayMs, labels = {} }: TemporaryLeaseOptions = {}): Promise<TemporaryLease> {
      const id = `berth-${randomUUID()}`;
      const expire = new Date(Date.now() + expiresInMs).toISOString();
      await client.create({ id, labels: { ...labels, 'containerd.io/gc.expire': expire, [ownerLabel]: owner } });
      return { leaseId: id, [Symbol.asyncDispose]: () => client.delete(id) };
    },
    /** Temporary leases that an earlier agent did not come to give back. */
    async abandoned(): Promise<Lease[]> {
      const temporary = await client.list([`labels."${ownerLabel}"`]);
      return temporary.filter(({ labels }) => labels[ownerLabel] !== owner);
    },
  };
  return client;
}

export type LeasesClient = ReturnType<typeof leasesClient>;
