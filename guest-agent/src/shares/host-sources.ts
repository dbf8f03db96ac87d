import path from 'node:path';
import { InvalidParameterError } from '../api/errors.ts';
import type { HostServices } from '../api/guest/protocol.ts';
import type { BindSources } from '../containers/bind-sources.ts';
import type { HostPaths } from '../containers/host-paths.ts';
import type { ShareMounts } from './share-mounts.ts';

export interface HostSourcesOptions {
  hostPaths: HostPaths;
  /** What is this machine's own. */
  machine: BindSources;
  mounts: Pick<ShareMounts, 'path'>;
  /** Whichever daemon is connected; throws when none is. */
  host: () => HostServices;
}

/**
 * Folders whose content only makes sense where containers run: what binds them asks about the kernel, the engine or the
 * machine. Where the host shares one of the same name, that is what is meant.
 */
const machineFolders = [
  '/boot',
  '/dev',
  '/lib/modules',
  '/proc',
  '/run',
  '/sys',
  '/usr/lib/modules',
  '/usr/share/zoneinfo',
  '/usr/src',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/log',
  '/var/run',
];
const machineFiles = ['/', '/etc/localtime', '/etc/machine-id', '/etc/os-release', '/etc/timezone'];

/** Binds' sources where the machine is not the host: the folders that the host shares, and little of the machine's own. */
export class HostSources implements BindSources {
  readonly #options: HostSourcesOptions;

  constructor(options: HostSourcesOptions) {
    this.#options = options;
  }

  async find(source: string, { create }: { create: boolean }): Promise<string | null> {
    const { hostPaths, machine, mounts, host } = this.#options;
    // The engine's socket has another name here.
    if (hostPaths.inMachine(source) !== source) return await machine.find(source, { create });
    const { found, refusal } = await host()['files.locate']({ source, create });
    if (found) return found.exists ? path.posix.join(await mounts.path(found.share), found.path) : null;
    if (isMachines(source)) return await machine.find(source, { create });
    throw new InvalidParameterError(refusal);
  }
}

function isMachines(source: string): boolean {
  return machineFiles.includes(source) || machineFolders.some((folder) => isIn(folder, source));
}

const isIn = (folder: string, file: string): boolean => file === folder || file.startsWith(`${folder}/`);
