import { mkdir, writeFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import {
  VmStartError,
  type RunningVm,
  type VmCapabilities,
  type VmDriver,
  type VmSpec,
  type VmStartOptions,
} from '../../driver.ts';
import { longestSocketPath } from '../../socket-path.ts';
import { agentConfig } from './agent-config.ts';
import { checkHost, unfitFolder } from './check.ts';
import { containerdConfig } from './containerd-config.ts';
import { linuxFiles, tooLongSocketPath, type LinuxFiles } from './files.ts';
import { findShims, releaseFolder, removeLeftovers } from './leftovers.ts';
import { consoleTail, LinuxVm } from './linux-vm.ts';
import { findService, startService, type RunningService, type Service } from './service.ts';

export interface LinuxDriverOptions {
  /** Program and arguments of the guest agent, to which the path of its configuration is added. */
  agentCommand: readonly [string, ...string[]];
  /** Program and arguments of containerd, to which its own are added. */
  containerdCommand: readonly [string, ...string[]];
}

const tailLines = 20;

/** This Linux host as the machine: a containerd of its own and the agent, no VM. Needs root. */
export function createLinuxDriver(options: LinuxDriverOptions): VmDriver {
  return new LinuxDriver(options);
}

class LinuxDriver implements VmDriver {
  readonly name = 'linux';
  readonly capabilities: VmCapabilities = {
    ...{ limits: false, dataDisk: false, sharesHost: true, image: null, otherArchitectures: false },
    hostFolders: [],
  };
  readonly #commands: LinuxDriverOptions;

  constructor(commands: LinuxDriverOptions) {
    this.#commands = commands;
  }

  check(): ReturnType<VmDriver['check']> {
    return checkHost(this.#commands.containerdCommand);
  }

  async start(spec: VmSpec, options: VmStartOptions): Promise<RunningVm> {
    const files = linuxFiles(spec.instanceDir);
    await refuseUnfit(files);
    await removeLeftovers(files);
    await forgetOldLogs(files);
    return this.#bringUp(spec, options, { containerd: null, agent: null });
  }

  async adopt(spec: VmSpec, options: VmStartOptions): Promise<RunningVm | null> {
    const files = linuxFiles(spec.instanceDir);
    const services = this.#services(files);
    const found = {
      containerd: await findService(services.containerd),
      agent: await findService(services.agent),
    };
    if (!found.containerd && !found.agent && (await findShims(files)).length === 0) {
      await removeLeftovers(files);
      return null;
    }
    try {
      return await this.#bringUp(spec, options, found);
    } catch (error) {
      options.signal.throwIfAborted();
      options.onProgress({ phase: `what was left running is beyond rescue: ${(error as Error).message}`, atMs: 0 });
      return null;
    }
  }

  async releaseFolder(instanceDir: string): Promise<void> {
    if (process.platform === 'linux') await releaseFolder(linuxFiles(instanceDir));
  }

  /** Starts what does not run yet, containerd first; on failure nothing is left running. */
  async #bringUp(spec: VmSpec, options: VmStartOptions, found: Found): Promise<RunningVm> {
    const files = linuxFiles(spec.instanceDir);
    const services = this.#services(files);
    const startedAt = performance.now();
    const report = (phase: string) => options.onProgress({ phase, atMs: performance.now() - startedAt });
    try {
      await writeConfigs(files, spec);
      const containerd = found.containerd ?? (await startService(services.containerd, options.signal));
      report('containerd');
      const agent = found.agent ?? (await startService(services.agent, options.signal));
      report('agent');
      return new LinuxVm({ files, containerd, agent });
    } catch (error) {
      await removeLeftovers(files);
      options.signal.throwIfAborted();
      throw new VmStartError((error as Error).message, {
        consoleTail: await consoleTail(files, tailLines),
        cause: error,
      });
    }
  }

  #services(files: LinuxFiles): { containerd: Service; agent: Service } {
    const [file, ...args] = this.#commands.agentCommand;
    const [containerdFile, ...containerdArgs] = this.#commands.containerdCommand;
    const containerd = {
      name: 'containerd',
      command: {
        file: containerdFile,
        args: [...containerdArgs, '--config', files.containerdConfig],
        cwd: files.instanceDir,
        logFile: files.containerdLog,
      },
      pidFile: files.containerdPid,
      socket: files.containerdSocket,
      otherSockets: [`${files.containerdSocket}.ttrpc`],
    };
    const agent = {
      name: 'the guest agent',
      command: { file, args: [...args, files.agentConfig], cwd: files.instanceDir, logFile: files.agentLog },
      pidFile: files.agentPid,
      socket: files.guestSocket,
      otherSockets: [files.engineSocket],
      reason: /^daemon\.json: /,
    };
    return { containerd, agent };
  }
}

interface Found {
  containerd: RunningService | null;
  agent: RunningService | null;
}

async function refuseUnfit(files: LinuxFiles): Promise<void> {
  const tooLong = tooLongSocketPath(files);
  if (tooLong)
    throw new VmStartError(`${tooLong} is longer than the ${longestSocketPath} bytes a socket's path may have`);
  const unfit = await unfitFolder(files.instanceDir);
  if (unfit) throw new VmStartError(unfit);
}

async function writeConfigs(files: LinuxFiles, spec: VmSpec): Promise<void> {
  await mkdir(files.runDir, { recursive: true, mode: 0o700 });
  await writeFileAtomically(files.containerdConfig, containerdConfig(files));
  await writeFileAtomically(files.agentConfig, await agentConfig(files, spec));
}

async function forgetOldLogs(files: LinuxFiles): Promise<void> {
  await writeFile(files.containerdLog, '', { mode: 0o600 });
  await writeFile(files.agentLog, '', { mode: 0o600 });
}
