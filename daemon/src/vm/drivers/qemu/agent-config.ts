import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LinkConfig } from '@berth/guest-agent/api';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import type { VmSpec } from '../../driver.ts';
import { guestAddress, linkPort } from './guest-network.ts';

/** Where things are in the guest; the VM image decides. */
const guestPaths = {
  dataRoot: '/var/lib/berth/engine',
  runRoot: '/run/berth',
  containerdAddress: '/run/containerd/containerd.sock',
  engineSocket: '/run/berth/engine.sock',
  guestSocket: '/run/berth/guest.sock',
  initBinary: '/usr/libexec/berth/docker-init',
  seccompProfile: '/usr/share/containers/seccomp.json',
  powerOffCommand: ['poweroff'],
};

/** Writes the agent's configuration with a link secret of its own for this start, and gives the secret. */
export async function writeAgentConfig(file: string, spec: Pick<VmSpec, 'engineConfig'>): Promise<string> {
  const secret = randomBytes(32).toString('hex');
  const link: LinkConfig = { kind: 'tcp', host: guestAddress, port: linkPort, secret };
  const config = { ...guestPaths, engineConfig: spec.engineConfig, link };
  await writeFileAtomically(file, `${JSON.stringify(config, null, 2)}\n`);
  return secret;
}

/** The link secret of the VM that runs; null if the file is gone or makes no sense. */
export async function readLinkSecret(file: string): Promise<string | null> {
  try {
    const { link } = JSON.parse(await readFile(file, 'utf8')) as { link: LinkConfig };
    return link.secret;
  } catch {
    return null;
  }
}
