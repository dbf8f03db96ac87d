import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { AlreadyExistsError } from './errors.ts';
import { NamespacesDefinition } from '../gen/containerd/services/namespaces.ts';

/** Makes sure that the connection's namespace exists: containers cannot be made in one that does not. */
export async function ensureNamespace(connection: Connection, options?: CallOptions): Promise<void> {
  const namespaces = connection.service(NamespacesDefinition);
  try {
    await namespaces.unary('create', { namespace: { name: connection.namespace } }, options);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}
