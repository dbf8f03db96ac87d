import { messageAny, specAny } from './any.ts';
import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { Options as RuncOptions } from '../gen/containerd/runc/options.ts';
import { ContainersDefinition, type Container } from '../gen/containerd/services/containers.ts';

export type { Container as ContainerRecord };

export interface CreateContainer {
  id: string;
  labels?: Record<string, string>;
  /** Name of the image, for people and tools that look; containerd does not use it. */
  image?: string;
  snapshotter: string;
  snapshotKey: string;
  /** OCI runtime spec (config.json). */
  spec: object;
  runtime?: string;
  runc?: Partial<RuncOptions>;
}

export const runcShim = 'io.containerd.runc.v2';

/** containerd's records: metadata and a spec, nothing that runs. */
export function containersClient(connection: Connection) {
  const containers = connection.service(ContainersDefinition);
  return {
    /** {@link AlreadyExistsError} when the id is taken. */
    async create({ spec, runtime, runc, ...record }: CreateContainer, options?: CallOptions): Promise<void> {
      const shimOptions = runc && messageAny('containerd.runc.v1.Options', RuncOptions, RuncOptions.fromPartial(runc));
      const container = {
        ...record,
        spec: specAny('Spec', spec),
        runtime: { name: runtime ?? runcShim, options: shimOptions },
      };
      await containers.unary('create', { container }, options);
    },
    async get(id: string, options?: CallOptions): Promise<Container> {
      const { container } = await containers.unary('get', { id }, options);
      return container as Container;
    },
    async list(options?: CallOptions): Promise<Container[]> {
      return (await containers.unary('list', { filters: [] }, options)).containers;
    },
    /** Replaces the spec that the next task starts with. */
    async updateSpec(id: string, spec: object, options?: CallOptions): Promise<void> {
      const container = { id, spec: specAny('Spec', spec) };
      await containers.unary('update', { container, updateMask: ['spec'] }, options);
    },
    /** Fails with {@link NotFoundError} when there is none; the task has to be deleted first. */
    async delete(id: string, options?: CallOptions): Promise<void> {
      await containers.unary('delete', { id }, options);
    },
  };
}

export type ContainersClient = ReturnType<typeof containersClient>;
