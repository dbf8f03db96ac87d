import path from 'node:path';
import { longestSocketPath } from '../../socket-path.ts';

/** Every file the linux driver has in its instance folder. */
export interface LinuxFiles {
  instanceDir: string;
  runDir: string;
  containerdConfig: string;
  containerdRoot: string;
  containerdState: string;
  containerdSocket: string;
  containerdPid: string;
  containerdLog: string;
  agentConfig: string;
  agentPid: string;
  agentLog: string;
  engineSocket: string;
  guestSocket: string;
  dataRoot: string;
}

export function linuxFiles(instanceDir: string): LinuxFiles {
  const runDir = path.join(instanceDir, 'run');
  return {
    instanceDir,
    runDir,
    containerdConfig: path.join(instanceDir, 'containerd.toml'),
    containerdRoot: path.join(instanceDir, 'containerd'),
    containerdState: path.join(runDir, 'containerd'),
    containerdSocket: path.join(runDir, 'containerd.sock'),
    containerdPid: path.join(runDir, 'containerd.pid'),
    containerdLog: path.join(instanceDir, 'containerd.log'),
    agentConfig: path.join(instanceDir, 'agent.json'),
    agentPid: path.join(runDir, 'agent.pid'),
    agentLog: path.join(instanceDir, 'agent.log'),
    engineSocket: path.join(runDir, 'engine.sock'),
    guestSocket: path.join(runDir, 'guest.sock'),
    dataRoot: path.join(instanceDir, 'engine'),
  };
}

/** The longest socket path that will be made, if it is too long for the system; else null. */
export function tooLongSocketPath(files: LinuxFiles): string | null {
  const longest = `${files.containerdSocket}.ttrpc`;
  return Buffer.byteLength(longest) > longestSocketPath ? longest : null;
}
