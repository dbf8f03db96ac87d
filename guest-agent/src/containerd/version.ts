import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { VersionDefinition, type VersionResponse } from '../gen/containerd/services/version.ts';

export type { VersionResponse as ContainerdVersion };

export function versionClient(connection: Connection) {
  const version = connection.service(VersionDefinition);
  return {
    async get(options?: CallOptions): Promise<VersionResponse> {
      return await version.unary('version', {}, options);
    },
  };
}

export type VersionClient = ReturnType<typeof versionClient>;
