import { execFile } from 'node:child_process';
import { access, constants, copyFile, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { architectureOf } from '../../vm/architecture.ts';
import { rememberedAccelerator } from '../../vm/drivers/qemu/accelerator.ts';
import { qemuFiles } from '../../vm/drivers/qemu/files.ts';
import { findQemu } from '../../vm/drivers/qemu/qemu-program.ts';
import { isSignedForHypervisor } from '../../vm/drivers/qemu/signature.ts';
import { versionProblem } from '../../vm/drivers/qemu/version-floor.ts';
import { openVmImage } from '../../vm/image/vm-image.ts';
import { openWslImage } from '../../vm/image/wsl-image.ts';
import type { AccelerationFact } from '../checks/acceleration.ts';
import type { QemuFact } from '../checks/qemu.ts';
import type { VmImageFact } from '../checks/vm-image.ts';
import type { DoctorHost } from '../host.ts';

const thisHost = { platform: process.platform, architecture: architectureOf(process.arch) };
const run = promisify(execFile);

export async function qemuFact({ paths, driver, architecture }: DoctorHost): Promise<QemuFact> {
  const proven = await rememberedAccelerator(qemuFiles(paths.instanceDir).acceleratorCache);
  const qemu = await findQemu({ guest: architecture ?? undefined });
  const tooOld = 'problem' in qemu ? null : versionProblem(qemu, thisHost);
  return { qemu, needed: driver.image === 'vm', tooOld, emulates: proven === 'tcg' };
}

export async function accelerationFact({ paths, driver, architecture }: DoctorHost): Promise<AccelerationFact> {
  const { acceleratorCache: cacheFile } = qemuFiles(paths.instanceDir);
  const [proven, host] = await Promise.all([rememberedAccelerator(cacheFile), offered(process.platform)]);
  const unsigned = process.platform === 'darwin' && driver.image === 'vm' ? await unsignedQemu(architecture) : null;
  return { platform: process.platform, needed: driver.image === 'vm', proven, host, unsigned, cacheFile };
}

/** The QEMU that would be used, if macOS keeps it from the hypervisor. */
async function unsignedQemu(guest: DoctorHost['architecture']): Promise<string | null> {
  const qemu = await findQemu({ guest: guest ?? undefined });
  if ('problem' in qemu) return null;
  const { stdout: found } = await run('which', [qemu.file]);
  const file = await realpath(found.trim());
  const shown = await run('codesign', ['--display', '--entitlements', '-', '--xml', file]).catch(() => ({
    stdout: '',
  }));
  return isSignedForHypervisor(shown.stdout) ? null : file;
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
  if (driver.image === null || !architecture) return { needed: false, imageDir: '', problem: null };
  const imageDir = installation.imageDir(architecture);
  const scratch = await mkdtemp(path.join(tmpdir(), 'berth-doctor-'));
  try {
    // What a start has read already is not read again, and looking leaves nothing in the home.
    const known = path.join(scratch, 'image-check.json');
    await copyFile(qemuFiles(paths.instanceDir).imageCheck, known).catch(() => undefined);
    const opened =
      driver.image === 'wsl'
        ? openWslImage(imageDir, known)
        : openVmImage(imageDir, { architecture, cacheFile: known });
    const problem = await opened.then(
      () => null,
      (error: Error) => error.message,
    );
    return { needed: true, imageDir, problem };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
