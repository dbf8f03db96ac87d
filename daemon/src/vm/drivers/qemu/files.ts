import path from 'node:path';
import { longestSocketPath } from '../../socket-path.ts';

/** Every file the qemu driver has in its instance folder. */
export interface QemuFiles {
  instanceDir: string;
  /** Sparse raw disk with everything that is to stay. */
  dataDisk: string;
  /** The agent's configuration as it is passed to the guest. */
  agentConfig: string;
  qmpSocket: string;
  /** The host's end of the link. */
  linkSocket: string;
  pidFile: string;
  /** What the guest printed on its console since its start. */
  consoleLog: string;
  /** What QEMU itself said. */
  qemuLog: string;
  /** Which accelerator works, by QEMU version. */
  acceleratorCache: string;
  imageCheck: string;
  /** By which images the data have been written. */
  dataVersion: string;
}

export function qemuFiles(instanceDir: string): QemuFiles {
  const at = (name: string) => path.join(instanceDir, name);
  return {
    instanceDir,
    dataDisk: at('data.raw'),
    agentConfig: at('agent.json'),
    qmpSocket: at('qmp.sock'),
    linkSocket: at('link.sock'),
    pidFile: at('qemu.pid'),
    consoleLog: at('console.log'),
    qemuLog: at('qemu.log'),
    acceleratorCache: at('accelerator.json'),
    imageCheck: at('image-check.json'),
    dataVersion: at('data-version.json'),
  };
}

/** The longest socket path if it is too long for the system; else null. */
export function tooLongSocketPath({ linkSocket }: QemuFiles): string | null {
  return Buffer.byteLength(linkSocket) > longestSocketPath ? linkSocket : null;
}
