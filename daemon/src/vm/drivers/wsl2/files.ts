import { createHash } from 'node:crypto';
import path from 'node:path';

/** Everything the wsl2 driver has: files in its instance folder, and two distributions named after that folder. */
export interface Wsl2Files {
  instanceDir: string;
  /** The distribution that runs the machine; replaced when the image is. */
  machine: string;
  /** The one that keeps the data. */
  data: string;
  /** Folders of their disks. */
  machineDir: string;
  dataDir: string;
  /** Which root file system the machine was imported from. */
  importRecord: string;
  /** There once the data's distribution has been made: from then on its disk is not to be replaced. */
  dataRecord: string;
  /** The wsl.exe that run the two; a distribution ends when nothing runs in it. */
  machinePid: string;
  dataPid: string;
  /** The agent's configuration, which the machine gets by its standard input. */
  agentConfig: string;
  consoleLog: string;
  dataLog: string;
  imageCheck: string;
  /** By which images the data have been written. */
  dataVersion: string;
}

export function wsl2Files(instanceDir: string): Wsl2Files {
  const at = (name: string) => path.join(instanceDir, name);
  const machine = `berth-${createHash('sha256').update(instanceDir).digest('hex').slice(0, 6)}`;
  return {
    ...{ instanceDir, machine, data: `${machine}-data` },
    machineDir: at('wsl-machine'),
    dataDir: at('wsl-data'),
    importRecord: at('wsl-import.json'),
    dataRecord: at('wsl-data.json'),
    machinePid: at('wsl-machine.pid'),
    dataPid: at('wsl-data.pid'),
    agentConfig: at('agent.json'),
    consoleLog: at('console.log'),
    dataLog: at('wsl-data.log'),
    imageCheck: at('image-check.json'),
    dataVersion: at('data-version.json'),
  };
}
