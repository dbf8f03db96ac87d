import { execFile } from 'node:child_process';
import { access, constants, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { rememberedAccelerator } from '../../vm/drivers/qemu/accelerator.ts';
import { qemuFiles } from '../../vm/drivers/qemu/files.ts';
import { findQemu } from '../../vm/drivers/qemu/qemu-program.ts';
import { openVmImage } from '../../vm/image/vm-image.ts';
import type { AccelerationFact } from '../checks/acceleration.ts';
import type { QemuFact } from '../checks/qemu.ts';
import type { VmImageFact } from '../checks/vm-image.ts';
import type { DoctorHost } from '../host.ts';

const run = promisify(execFile);

export async function qemuFact({ paths, driver, architecture }: DoctorHost): Promise<QemuFact> {
  const proven = await rememberedAccelerator(qemuFiles(paths.instanceDir).acceleratorCache);
  return {
    qemu: await findQemu({ guest: architecture ?? undefined }),
    needed: driver.usesVm,
    emulates: proven === 'tcg',
  };
}

export async function accelerationFact({ paths, driver }: DoctorHost): Promise<AccelerationFact> {
  const { acceleratorCache: cacheFile } = qemuFiles(paths.instanceDir);
  const [proven, host] = await Promise.all([rememberedAccelerator(cacheFile), offered(process.platform)]);
  return { platform: process.platform, needed: driver.usesVm, proven, host, cacheFile };
}

async function offered(platform: string): Promise<AccelerationFact['host']> {
  if (platform === 'linux') return kvmDevice();
  if (platform !== 'darwin') return 'unknown';
  const { stdout } = await run('sysctl', ['-n', 'kern.hv_support']).catch(() => ({ stdout: '' }));
  if (stdout.trim() === '') return 'unknown';
  return stdout.trim() === '1' ? 'offered' : 'missing';
}

function kvmDevice(): Promise<'offered' | 'missing' | 'denied'> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => 'offered',
    ({ code }: NodeJS.ErrnoException) => (code === 'EACCES' ? 'denied' : 'missing'),
  );
}

export async function vmImageFact({ paths, installation, driver, architecture }: DoctorHost): Promise<VmImageFact> {
  if (!driver.usesVm || !architecture) return { needed: false, imageDir: '', problem: null };
  const imageDir = installation.imageDir(architecture);
  const scratch = await mkdtemp(path.join(tmpdir(), 'berth-doctor-'));
  try {
    // What a start has read already is not read again, and looking leaves nothing in the home.
    const known = path.join(scratch, 'image-check.json');
    await copyFile(qemuFiles(paths.instanceDir).imageCheck, known).catch(() => undefined);
    const problem = await openVmImage(imageDir, { architecture, cacheFile: known }).then(
      () => null,
      (error: Error) => error.message,
    );
    return { needed: true, imageDir, problem };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
