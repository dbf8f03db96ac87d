import type { Architecture } from '../../architecture.ts';
import { isAtLeast, type QemuProgram } from './qemu-program.ts';

export interface QemuHost {
  platform: string;
  /** null: neither of ours. */
  architecture: Architecture | null;
}

type Floor = readonly [major: number, minor: number, micro: number];

/** The oldest that runs a guest by the hypervisor of the system. */
function floorFor({ platform, architecture }: QemuHost): Floor {
  // Before these, HVF guests on Apple silicon hang, and WHPX does not run Linux reliably.
  if (platform === 'darwin') return architecture === 'arm64' ? [8, 2, 1] : [7, 0, 0];
  return platform === 'win32' ? [11, 0, 0] : [7, 2, 0];
}

/** Why no QEMU will do on such a host; null: one may. */
export function unfitHost({ platform }: Pick<QemuHost, 'platform'>): string | null {
  // Its sockets are unix sockets, which Node.js cannot open there; on TCP they would be open to every user of the host.
  return platform === 'win32' ? 'the qemu driver does not run on Windows: use wsl2' : null;
}

/** Why this QEMU is too old for the host; null when it is not. */
export function versionProblem({ version }: QemuProgram, host: QemuHost): string | null {
  const floor = floorFor(host);
  if (isAtLeast(version, ...floor)) return null;
  const where = { darwin: 'macOS', win32: 'Windows' }[host.platform] ?? 'Linux';
  return `QEMU ${version.text} is too old for ${where} on ${host.architecture ?? process.arch}: it has to be ${floor.join('.')} or newer`;
}
