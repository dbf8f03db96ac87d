import { mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import type { Architecture } from '../../architecture.ts';
import {
  type RunningVm,
  type VmCapabilities,
  type VmDriver,
  type VmSpec,
  VmStartError,
  type VmStartOptions,
} from '../../driver.ts';
import { agentConfig, type MachineConfig } from '../../image/agent-config.ts';
import { untilBooted } from '../../image/boot.ts';
import { bootFailureIn } from '../../image/console.ts';
import { hostArchitecture } from '../../image/host-architecture.ts';
import { claimData } from '../../image/data-version.ts';
import { openWslImage } from '../../image/wsl-image.ts';
import { renewLog, tailOf } from '../../../process/bounded-log.ts';
import { prepareDistributions, removeDistributions } from './distributions.ts';
import { type Wsl2Files, wsl2Files } from './files.ts';
import { endSessions, findSessions, startSessions } from './sessions.ts';
import { Wsl } from './wsl.ts';
import type { WslVersion } from './wsl-output.ts';
import { Wsl2Vm } from './wsl2-vm.ts';

export interface Wsl2DriverOptions {
  /** Folder with wsl.json and its files for a processor. */
  imageDir: (architecture: Architecture) => string;
  /** The wsl.exe to use; left out: the one on PATH. */
  program?: string | undefined;
}

/** Docker Desktop's floor, too. */
const oldest: WslVersion = { major: 2, minor: 1, patch: 5 };
const bootTimeoutMs = 120_000;
const adoptTimeoutMs = 20_000;
const tailLines = 20;
/** To its supervisor's supervisor, the first process of the machine. */
const machineConfig: MachineConfig = {
  link: { kind: 'relay', socket: '/run/berth/link.sock' },
  powerOffCommand: ['kill', '-TERM', '1'],
  hostAddress: null,
  windowsPaths: true,
};

/** A distribution of Windows' Subsystem for Linux, version 2. Needs no privileges. */
export function createWsl2Driver(options: Wsl2DriverOptions): VmDriver {
  return new Wsl2Driver(options);
}

class Wsl2Driver implements VmDriver {
  readonly name = 'wsl2';
  // All distributions share a VM, whose size .wslconfig says.
  readonly capabilities: VmCapabilities = {
    ...{ limits: false, dataDisk: false, sharesHost: false, image: 'wsl', otherArchitectures: false },
    hostFolders: [],
  };
  readonly #wsl: Wsl;
  readonly #imageDir: Wsl2DriverOptions['imageDir'];

  constructor({ imageDir, program }: Wsl2DriverOptions) {
    this.#imageDir = imageDir;
    this.#wsl = new Wsl(program);
  }

  async check(): ReturnType<VmDriver['check']> {
    try {
      const version = await this.#wsl.version();
      const text = `WSL ${version.major}.${version.minor}.${version.patch}`;
      if (isOlder(version, oldest)) return { usable: false, problem: `${text} is too old: run \`wsl --update\`` };
      return { usable: true, detail: text };
    } catch (error) {
      return { usable: false, problem: (error as Error).message };
    }
  }

  async start(spec: VmSpec, options: VmStartOptions): Promise<RunningVm> {
    const files = wsl2Files(spec.instanceDir);
    const timeout = AbortSignal.timeout(bootTimeoutMs);
    const signal = AbortSignal.any([options.signal, timeout]);
    try {
      return await this.#boot(spec, files, { ...options, signal });
    } catch (error) {
      await endSessions(this.#wsl, files).catch(() => undefined);
      options.signal.throwIfAborted();
      const tail = await tailOf(files.consoleLog, tailLines);
      const told = timeout.aborted ? `the guest did not boot within ${bootTimeoutMs / 1000} s` : bootFailureIn(tail);
      throw new VmStartError(told ?? (error as Error).message, { consoleTail: tail, cause: error });
    }
  }

  async adopt({ instanceDir }: VmSpec, options: VmStartOptions): Promise<RunningVm | null> {
    const files = wsl2Files(instanceDir);
    const sessions = await findSessions(files);
    if (!sessions) return null;
    const vm = new Wsl2Vm({ wsl: this.#wsl, files, sessions });
    const timeout = AbortSignal.timeout(adoptTimeoutMs);
    try {
      await vm.agentUp(AbortSignal.any([options.signal, timeout]));
      return vm;
    } catch (error) {
      if (options.signal.aborted) await vm.detach();
      options.signal.throwIfAborted();
      const why = timeout.aborted ? `its agent did not answer within ${adoptTimeoutMs / 1000} s` : String(error);
      options.onProgress({ phase: `the machine that was left running is beyond rescue: ${why}`, atMs: 0 });
      await vm.kill();
      return null;
    }
  }

  async releaseFolder(instanceDir: string): Promise<void> {
    await removeDistributions(this.#wsl, wsl2Files(instanceDir));
  }

  async #boot(spec: VmSpec, files: Wsl2Files, options: VmStartOptions): Promise<RunningVm> {
    const startedAt = performance.now();
    const report = (phase: string) => options.onProgress({ phase, atMs: performance.now() - startedAt });
    const { signal } = options;
    await prepareFolder(files);
    const image = await openWslImage(this.#imageDir(hostArchitecture()), files.imageCheck);
    await claimData(files.dataVersion, image.dataVersion);
    report('image');
    signal.throwIfAborted();
    await endSessions(this.#wsl, files);
    await prepareDistributions(this.#wsl, files, image);
    report('distributions');
    signal.throwIfAborted();
    await writeFileAtomically(files.agentConfig, agentConfig(spec, machineConfig));
    const sessions = await startSessions(this.#wsl, files);
    const vm = new Wsl2Vm({ wsl: this.#wsl, files, sessions });
    try {
      await untilBooted({ vm, consoleLog: files.consoleLog, onStep: report, signal });
      report('agent');
      return vm;
    } catch (error) {
      await vm.kill();
      throw error;
    }
  }
}

async function prepareFolder(files: Wsl2Files): Promise<void> {
  await mkdir(files.instanceDir, { recursive: true, mode: 0o700 });
  for (const log of [files.consoleLog, files.dataLog]) await renewLog(log);
}

function isOlder(version: WslVersion, than: WslVersion): boolean {
  const order = [version.major - than.major, version.minor - than.minor, version.patch - than.patch];
  return (order.find((difference) => difference !== 0) ?? 0) < 0;
}
