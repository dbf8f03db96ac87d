import { mkdir } from 'node:fs/promises';
import { type Architecture, architectureOf } from '../../architecture.ts';
import {
  type RunningVm,
  type VmCapabilities,
  type VmDriver,
  type VmSpec,
  VmStartError,
  type VmStartOptions,
} from '../../driver.ts';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import { renewLog } from '../../../process/bounded-log.ts';
import { agentConfig, type MachineConfig } from '../../image/agent-config.ts';
import { hostArchitecture } from '../../image/host-architecture.ts';
import { claimData } from '../../image/data-version.ts';
import { openVmImage } from '../../image/vm-image.ts';
import { linkPort } from './args/devices.ts';
import { chooseProfile, rememberedAccelerator } from './accelerator.ts';
import { commandLine } from './command-line.ts';
import { longestSocketPath } from '../../socket-path.ts';
import { untilBooted } from '../../image/boot.ts';
import { bootFailureIn } from '../../image/console.ts';
import { prepareDataDisk } from './data-disk.ts';
import { qemuFiles, tooLongSocketPath, type QemuFiles } from './files.ts';
import { endProcess, findQemuProcess, launchQemu, machineUuid } from './qemu-process.ts';
import { findQemu, type QemuProgram } from './qemu-program.ts';
import { consoleTail, QemuVm } from './qemu-vm.ts';
import { connectSerialLink } from './serial-link.ts';
import { unfitHost, versionProblem } from './version-floor.ts';
import { folderDevices, folderKinds } from './folders.ts';

export interface QemuDriverOptions {
  /** Folder with the manifest.json and files of a processor's VM image. */
  imageDir: (architecture: Architecture) => string;
  /** The QEMU to use; left out: the one on PATH. */
  program?: string;
}

/** QEMU's user network leads from this address to the host's own loopback. */
const machineConfig: MachineConfig = {
  link: { kind: 'port', name: linkPort },
  powerOffCommand: ['poweroff'],
  hostAddress: '10.0.2.2',
  windowsPaths: process.platform === 'win32',
};

const thisHost = { platform: process.platform, architecture: architectureOf(process.arch) };
const bootTimeoutMs = 120_000;
const adoptTimeoutMs = 20_000;
const tailLines = 20;

/** A microVM in QEMU, with hardware acceleration where that works and emulated where not. Needs no privileges. */
export function createQemuDriver(options: QemuDriverOptions): VmDriver {
  return new QemuDriver(options);
}

class QemuDriver implements VmDriver {
  readonly name = 'qemu';
  readonly capabilities: VmCapabilities = {
    ...{ limits: true, dataDisk: true, sharesHost: false, image: 'vm', otherArchitectures: true },
    hostFolders: folderKinds(process.platform),
  };
  readonly #imageDir: QemuDriverOptions['imageDir'];
  readonly #program: string | undefined;

  constructor({ imageDir, program }: QemuDriverOptions) {
    this.#imageDir = imageDir;
    this.#program = program;
  }

  async check(): ReturnType<VmDriver['check']> {
    const qemu = await findQemu({ program: this.#program });
    if ('problem' in qemu) return { usable: false, problem: qemu.problem };
    const unfit = unfitHost(thisHost) ?? versionProblem(qemu, thisHost);
    if (unfit !== null) return { usable: false, problem: unfit };
    return { usable: true, detail: `QEMU ${qemu.version.text}` };
  }

  async start(spec: VmSpec, options: VmStartOptions): Promise<RunningVm> {
    const files = qemuFiles(spec.instanceDir);
    const timeout = AbortSignal.timeout(bootTimeoutMs);
    const signal = AbortSignal.any([options.signal, timeout]);
    try {
      return await this.#boot(spec, files, { ...options, signal });
    } catch (error) {
      options.signal.throwIfAborted();
      const tail = await consoleTail(files, tailLines);
      const told = timeout.aborted ? `the guest did not boot within ${bootTimeoutMs / 1000} s` : bootFailureIn(tail);
      throw new VmStartError(told ?? (error as Error).message, { consoleTail: tail, cause: error });
    }
  }

  async adopt(spec: VmSpec, options: VmStartOptions): Promise<RunningVm | null> {
    const files = qemuFiles(spec.instanceDir);
    const onProblem = (phase: string) => options.onProgress({ phase, atMs: 0 });
    const found = await findQemuProcess(files, options.signal, onProblem);
    if (!found) return null;
    const timeout = AbortSignal.timeout(adoptTimeoutMs);
    try {
      const accelerator = (await rememberedAccelerator(files.acceleratorCache)) ?? 'tcg';
      const signal = AbortSignal.any([options.signal, timeout]);
      const link = await connectSerialLink(files.linkSocket, signal);
      const vm = new QemuVm({ files, process: found, link, accelerator });
      await vm.lookAtDisk();
      // Its agent answers when there is room again.
      if (vm.problem === null) await vm.agentUp(signal);
      return vm;
    } catch (error) {
      await found.qmp.release();
      options.signal.throwIfAborted();
      const why = timeout.aborted
        ? `its agent did not answer within ${adoptTimeoutMs / 1000} s`
        : (error as Error).message;
      onProblem(`the machine that was left running is beyond rescue: ${why}`);
      await endProcess(files, found.identity);
      return null;
    }
  }

  async #boot(spec: VmSpec, files: QemuFiles, options: VmStartOptions): Promise<RunningVm> {
    const startedAt = performance.now();
    const report = (phase: string) => options.onProgress({ phase, atMs: performance.now() - startedAt });
    const { signal } = options;
    const guest = spec.architecture ?? hostArchitecture();
    const qemu = await this.#qemu(guest);
    await prepareFolder(files, signal);
    const image = await openVmImage(this.#imageDir(guest), { architecture: guest, cacheFile: files.imageCheck });
    await claimData(files.dataVersion, image.dataVersion);
    await prepareDataDisk(files.dataDisk, spec.diskGiB);
    report('image');
    const profile = await chooseProfile({ qemu, guest, image, cacheFile: files.acceleratorCache, signal });
    await writeFileAtomically(files.agentConfig, agentConfig(spec, machineConfig));
    signal.throwIfAborted();
    const folders = await folderDevices(spec.hostFolders, files);
    const args = commandLine({ profile, image, files, uuid: machineUuid(files.instanceDir), spec, folders });
    const process = await launchQemu({ program: qemu.file, args, files, signal });
    report(`qemu (${profile.accelerator})`);
    try {
      const link = await connectSerialLink(files.linkSocket, signal);
      const vm = new QemuVm({ files, process, link, accelerator: profile.accelerator });
      await untilBooted({ vm, consoleLog: files.consoleLog, onStep: report, signal });
      report('agent');
      return vm;
    } catch (error) {
      await endProcess(files, process.identity);
      throw error;
    }
  }

  async #qemu(guest: Architecture): Promise<QemuProgram> {
    const qemu = await findQemu({ guest, program: this.#program });
    if ('problem' in qemu) throw new VmStartError(qemu.problem);
    const unfit = unfitHost(thisHost) ?? versionProblem(qemu, thisHost);
    if (unfit !== null) throw new VmStartError(unfit);
    return qemu;
  }
}

/** Nothing of an earlier start may run on or be mistaken for this one's. */
async function prepareFolder(files: QemuFiles, signal: AbortSignal): Promise<void> {
  const tooLong = tooLongSocketPath(files);
  if (tooLong)
    throw new VmStartError(`${tooLong} is longer than the ${longestSocketPath} bytes a socket's path may have`);
  await mkdir(files.instanceDir, { recursive: true, mode: 0o700 });
  const left = await findQemuProcess(files, signal, () => undefined);
  if (left) await endProcess(files, left.identity);
  for (const log of [files.consoleLog, files.qemuLog]) await renewLog(log);
}
