import { access } from 'node:fs/promises';
import path from 'node:path';
import type { VmSpec } from '../../driver.ts';
import type { LinuxFiles } from './files.ts';
import { bridgeName } from './network-leftovers.ts';

/** tini under the names that distributions give it; containers with --init get it as pid 1. */
const initBinaries = ['/usr/libexec/docker/docker-init', '/usr/bin/docker-init', '/usr/bin/tini-static'];
const seccompProfiles = ['/usr/share/containers/seccomp.json', '/etc/containers/seccomp.json'];

/** The agent's configuration file. */
export async function agentConfig(files: LinuxFiles, spec: VmSpec): Promise<string> {
  const config = {
    dataRoot: files.dataRoot,
    runRoot: files.runDir,
    containerdAddress: files.containerdSocket,
    engineSocket: files.engineSocket,
    guestSocket: files.guestSocket,
    hostSockets: spec.engineSockets,
    engineConfig: spec.engineConfig,
    initBinary: await firstExisting(initBinaries),
    seccompProfile: await firstExisting(seccompProfiles),
    link: null,
    hostAddress: '127.0.0.1',
    privateFolders: [path.dirname(files.instanceDir), files.instanceDir, files.runDir],
    bridgeName: bridgeName(files),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

async function firstExisting(candidates: readonly string[]): Promise<string | null> {
  for (const candidate of candidates) {
    if (await exists(candidate)) return candidate;
  }
  return null;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
