import type { Architecture } from '../../architecture.ts';
import { option } from './args/option.ts';
import { isAtLeast, type QemuVersion } from './qemu-program.ts';

/** Ways to run guest code, best first. */
export type AcceleratorName = 'kvm' | 'hvf' | 'whpx' | 'tcg';

/** What QEMU and the guest's kernel are told for an accelerator. */
export interface Profile {
  accelerator: AcceleratorName;
  /** Value of -machine. */
  machine: string;
  /** The guest's name for its first serial port. */
  console: string;
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

export interface ProfileHost {
  platform: string;
  /** null: neither of ours. */
  architecture: Architecture | null;
}

/** Hardware runs programs of its own kind only. */
export function hardwareAccelerators({ platform, architecture }: ProfileHost, guest: Architecture) {
  return architecture === guest ? (candidates[platform] ?? []) : [];
}

export interface ProfileChoice {
  accelerator: AcceleratorName;
  guest: Architecture;
  version: QemuVersion;
  /** The host's processor has Arm's matrix extension (Apple M4 and later); left out: no. */
  hasSme?: boolean;
}

export function profileOf(choice: ProfileChoice): Profile {
  const { accelerator, guest } = choice;
  return { accelerator, ...boards[guest](accelerator), ...processors[accelerator](choice) };
}

type Board = Pick<Profile, 'machine' | 'console'>;

const boards: Record<Architecture, (accelerator: AcceleratorName) => Board> = {
  // Not microvm: it has neither HPET nor PM timer, so where the clock has to be measured (TCG) one disturbed
  // measurement leaves its kernel without any timer, and it hangs.
  amd64: () => ({ machine: option('q35', { smm: 'off', vmport: 'off', i8042: 'off', usb: 'off' }), console: 'ttyS0' }),
  // Version 2 of its interrupt controller stops at 8 CPUs; KVM has the version that the processor has.
  arm64: (accelerator) => ({
    machine: option('virt', { 'gic-version': accelerator === 'kvm' ? 'max' : 3 }),
    console: 'ttyAMA0',
  }),
};

type Processor = Pick<Profile, 'accel' | 'cpu' | 'kernelParameters'>;

const processors: Record<AcceleratorName, (choice: ProfileChoice) => Processor> = {
  kvm: () => ({ accel: 'kvm', cpu: 'host', kernelParameters: [] }),
  hvf: (choice) => ({ accel: 'hvf', cpu: appleProcessor(choice), kernelParameters: [] }),
  // Before 11 QEMU's WHPX cannot take interrupts from a controller in the hypervisor.
  whpx: ({ version }) => ({
    accel: isAtLeast(version, 11) ? 'whpx' : 'whpx,kernel-irqchip=off',
    cpu: 'qemu64',
    kernelParameters: [],
  }),
  // Emulated code does not speculate: what protects against that only costs time.
  tcg: ({ guest, version }) => ({
    accel: `tcg,thread=${emulatesInParallel(version) ? 'multi' : 'single'},tb-size=512`,
    cpu: guest === 'arm64' ? emulatedArm : isAtLeast(version, 8) ? 'max' : 'max,-cx16',
    kernelParameters: ['mitigations=off'],
  }),
};

/**
 * QEMU before 10 cannot make a `host` out of a processor with the matrix extension. On Intel Macs the hypervisor does not
 * carry out two features that it announces.
 */
function appleProcessor({ guest, version, hasSme = false }: ProfileChoice): string {
  if (guest === 'amd64') return 'host,-avx512vl,-pdpe1gb';
  return hasSme && !isAtLeast(version, 10) ? 'max' : 'host';
}

/** `max` would emulate pointer authentication, at three times the boot's time. */
const emulatedArm = 'cortex-a76';

/**
 * Until 8.1 QEMU could translate a page of guest code while another CPU changed it, and kept the stale translation: a
 * kernel that patches itself, as Linux does all the time, then died of its own breakpoints, in one boot of twenty here.
 */
function emulatesInParallel(version: QemuVersion): boolean {
  return isAtLeast(version, 8, 1);
}
