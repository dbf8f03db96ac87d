import type { FileChange } from '../api/guest/protocol.ts';
import type { AgentConfig } from '../config.ts';
import { type BindSources, MachineSources } from '../containers/bind-sources.ts';
import { HostPaths } from '../containers/host-paths.ts';
import type { Host } from '../containers/host-ports.ts';
import type { Logger } from '../logger.ts';
import type { Owner } from '../userns/id-mapping.ts';
import { connectFiles } from './connect-files.ts';
import type { FileStreams } from './file-streams.ts';
import { HostSources } from './host-sources.ts';
import { ShareMounts } from './share-mounts.ts';

export interface BindSourceParts {
  config: Pick<AgentConfig, 'engineSocket' | 'hostSockets' | 'hostFolders' | 'deviceFolders'>;
  host: Host;
  streams: FileStreams;
  /** Of folders that are made in this machine; undefined: root. */
  owner: Owner | undefined;
  log: Logger;
}

export interface HostBindSources extends BindSources, Disposable {
  /** Others than this machine changed files of a share: tells those who watch them. */
  changed(share: string, changes: readonly FileChange[]): Promise<void>;
}

/** Where binds come from: this machine, or a host that it is not. Disposing it takes the host's folders down. */
export function openBindSources({ config, host, streams, owner, log }: BindSourceParts): HostBindSources {
  const hostPaths = new HostPaths(config.engineSocket, config.hostSockets);
  const machine = new MachineSources(hostPaths, owner);
  const { hostFolders: folder, deviceFolders: devices } = config;
  if (folder === null) {
    return {
      find: (source, options) => machine.find(source, options),
      changed: async () => undefined,
      [Symbol.dispose]: () => undefined,
    };
  }
  const connect = (share: string, signal: AbortSignal) => connectFiles({ host, streams }, share, signal);
  const mounts = new ShareMounts({ folder, devices, connect, log });
  const sources = new HostSources({ hostPaths, machine, mounts, host: () => host.services() });
  return {
    find: (source, options) => sources.find(source, options),
    changed: (share, changes) => mounts.changed(share, changes),
    [Symbol.dispose]: () => mounts[Symbol.dispose](),
  };
}
