import { isAtLeast, type QemuVersion } from './qemu-program.ts';

/** Ways to run guest code, best first. */
export type AcceleratorName = 'kvm' | 'hvf' | 'whpx' | 'tcg';

/** What QEMU and the guest's kernel are told for an accelerator. */
export interface Profile {
  accelerator: AcceleratorName;
  /** Value of -accel. */
  accel: string;
  /** Value of -cpu. */
  cpu: string;
  kernelParameters: readonly string[];
}

/** What may work on a platform before it has been tried; tcg always does and needs no trial. */
const candidates: Readonly<Record<string, readonly AcceleratorName[]>> = {
  linux: ['kvm'],
  darwin: ['hvf'],
  win32: ['whpx'],
};

export function hardwareAccelerators(platform: string): readonly AcceleratorName[] {
  return candidates[platform] ?? [];
}

export function profileOf(accelerator: AcceleratorName, version: QemuVersion): Profile {
  return { accelerator, ...profiles[accelerator](version) };
}

const profiles: Record<AcceleratorName, (version: QemuVersion) => Omit<Profile, 'accelerator'>> = {
  kvm: () => ({ accel: 'kvm', cpu: 'host', kernelParameters: [] }),
  hvf: () => ({ accel: 'hvf', cpu: 'host', kernelParameters: [] }),
  // Before 11 QEMU's WHPX cannot take interrupts from a controller in the hypervisor.
  whpx: (version) => ({
    accel: isAtLeast(version, 11) ? 'whpx' : 'whpx,kernel-irqchip=off',
    cpu: 'qemu64',
    kernelParameters: [],
  }),
  // Emulated code does not speculate: what protects against that only costs time.
  tcg: (version) => ({
    accel: `tcg,thread=${emulatesInParallel(version) ? 'multi' : 'single'},tb-size=512`,
    cpu: isAtLeast(version, 8) ? 'max' : 'max,-cx16',
    kernelParameters: ['mitigations=off'],
  }),
};

/**
 * Until 8.1 QEMU could translate a page of guest code while another CPU changed it, and kept the stale translation: a
 * kernel that patches itself, as Linux does all the time, then died of its own breakpoints, in one boot of twenty here.
 */
function emulatesInParallel(version: QemuVersion): boolean {
  return isAtLeast(version, 8, 1);
}
