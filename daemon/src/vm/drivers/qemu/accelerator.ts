import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { type Architecture, architectureOf } from '../../architecture.ts';
import { writeFileAtomically } from '../../../concurrency/atomic-file.ts';
import type { VmImage } from '../../image/vm-image.ts';
import { machineArgs } from './args/machine.ts';
import { kernelArgs } from './args/kernel.ts';
import { type AcceleratorName, hardwareAccelerators, type Profile, profileOf } from './profile.ts';
import type { QemuProgram } from './qemu-program.ts';

export interface AcceleratorQuestion {
  qemu: QemuProgram;
  guest: Architecture;
  image: VmImage;
  /** Remembers the answer for as long as QEMU and the host's kernel stay the same. */
  cacheFile: string;
  signal: AbortSignal;
}

const run = promisify(execFile);
const probeTimeoutMs = 8_000;
/** Our kernel, started without any disk, has run its whole course when it says this. */
const cameThrough = /Kernel panic - not syncing: VFS/;

/** The best accelerator that has really run our kernel on this host. */
export async function chooseProfile(question: AcceleratorQuestion): Promise<Profile> {
  const { guest, qemu } = question;
  const key = `${guest} by ${qemu.version.text} on ${process.platform} ${release()}`;
  const hasSme = process.platform === 'darwin' && (await appleHas('hw.optional.arm.FEAT_SME'));
  const profile = (accelerator: AcceleratorName) => profileOf({ accelerator, guest, version: qemu.version, hasSme });
  const known = await readAnswer(question.cacheFile, key);
  if (known) return profile(known);
  const accelerator = await firstUsable(question, profile);
  await writeFileAtomically(question.cacheFile, `${JSON.stringify({ key, accelerator })}\n`);
  return profile(accelerator);
}

/** What macOS says of its processor; an older one does not know the name. */
async function appleHas(feature: string): Promise<boolean> {
  const { stdout } = await run('sysctl', ['-n', feature]).catch(() => ({ stdout: '' }));
  return stdout.trim() === '1';
}

async function firstUsable(
  question: AcceleratorQuestion,
  profile: (accelerator: AcceleratorName) => Profile,
): Promise<AcceleratorName> {
  const host = { platform: process.platform, architecture: architectureOf(process.arch) };
  for (const accelerator of hardwareAccelerators(host, question.guest)) {
    if (await canRun(profile(accelerator), question)) return accelerator;
  }
  return 'tcg';
}

/** That a device opens says little: only a VM that has run tells. */
async function canRun(profile: Profile, { qemu, image, signal }: AcceleratorQuestion): Promise<boolean> {
  const args = [
    ...machineArgs(profile, { cpus: 2, memoryMiB: 512 }),
    ...kernelArgs(profile, { ...image, initramfs: '' }).filter((arg) => arg !== '-initrd' && arg !== ''),
    ...['-serial', 'stdio'],
  ];
  const either = AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]);
  const probe = spawn(qemu.file, args, { stdio: ['ignore', 'pipe', 'ignore'], signal: either, killSignal: 'SIGKILL' });
  let printed = '';
  probe.stdout.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString('latin1')).slice(-65_536)));
  await once(probe, 'close').catch(() => undefined);
  signal.throwIfAborted();
  return cameThrough.test(printed);
}

async function readAnswer(file: string, key: string): Promise<AcceleratorName | null> {
  try {
    const answer = JSON.parse(await readFile(file, 'utf8')) as { key: string; accelerator: AcceleratorName };
    return answer.key === key ? answer.accelerator : null;
  } catch {
    return null;
  }
}

/** The accelerator of the last start in this folder; null if that is not known. */
export async function rememberedAccelerator(cacheFile: string): Promise<string | null> {
  try {
    return (JSON.parse(await readFile(cacheFile, 'utf8')) as { accelerator: string }).accelerator;
  } catch {
    return null;
  }
}
