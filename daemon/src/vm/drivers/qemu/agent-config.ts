import type { LinkConfig } from '@berth/guest-agent/api';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import { hostAuthorities } from '../../host-authorities.ts';
import type { VmSpec } from '../../driver.ts';

const link: LinkConfig = { kind: 'relay', socket: '/run/berth/link.sock' };

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
  powerOffCommand: ['poweroff'],
  // QEMU's user network leads from here to the host's own loopback.
  hostAddress: '10.0.2.2',
  hostFolders: '/run/berth/host',
  link,
};

/** Writes the agent's configuration as the guest will read it. */
export async function writeAgentConfig(
  file: string,
  { engineConfig, engineSockets }: Pick<VmSpec, 'engineConfig' | 'engineSockets'>,
): Promise<void> {
  const config = { ...guestConfig, hostSockets: engineSockets, engineConfig, registryAuthorities: hostAuthorities() };
  await writeFileAtomically(file, `${JSON.stringify(config, null, 2)}\n`);
}
