import type { LinkConfig } from '@berth/guest-agent/api';
import type { VmSpec } from '../driver.ts';
import { hostAuthorities } from '../host-authorities.ts';

/** Where things are in the guest; the VM image decides. */
const guestConfig = {
  dataRoot: '/var/lib/berth/engine',
  runRoot: '/run/berth',
  containerdAddress: '/run/containerd/containerd.sock',
  engineSocket: '/run/berth/engine.sock',
  guestSocket: '/run/berth/guest.sock',
  buildkitDir: '/usr/lib/berth/builder',
  initBinary: '/usr/libexec/berth/docker-init',
  seccompProfile: '/usr/share/containers/seccomp.json',
  hostFolders: '/run/berth/host',
};

/** What is not the same in every kind of machine. */
export interface MachineConfig {
  link: LinkConfig;
  powerOffCommand: readonly string[];
  /** Leads from the guest to the host's own loopback; null: nothing does. */
  hostAddress: string | null;
  /** Clients write paths as Windows does. */
  windowsPaths: boolean;
}

type Configured = Pick<VmSpec, 'engineConfig' | 'engineSockets' | 'hostFolders'>;

/** The agent's configuration as the guest will read it. */
export function agentConfig(spec: Configured, machine: MachineConfig): string {
  const { engineConfig, engineSockets, hostFolders } = spec;
  const deviceFolders = hostFolders && { kind: hostFolders.kind, tags: hostFolders.folders.map(({ id }) => id) };
  const given = { hostSockets: engineSockets, engineConfig, deviceFolders, registryAuthorities: hostAuthorities() };
  return `${JSON.stringify({ ...guestConfig, ...machine, ...given }, null, 2)}\n`;
}
