import { signingCommand } from '../../vm/drivers/qemu/signature.ts';
import { type Finding, ok, skipped, warning } from '../finding.ts';

export interface AccelerationFact {
  platform: string;
  /** The machine is to be a VM. */
  needed: boolean;
  /** What the last start found to work by running a VM; 'tcg' is emulation; null: there was none. */
  proven: string | null;
  /** The host's own word. `unknown`: it cannot be asked. */
  host: 'offered' | 'missing' | 'denied' | 'unknown';
  /** The QEMU that macOS keeps from the hypervisor, since it is not signed for it; null: it is, or need not be. */
  unsigned: string | null;
  /** Where the answer of the last start is kept. */
  cacheFile: string;
}

const fixes: Readonly<Record<string, string>> = {
  linux: 'switch virtualisation on in the firmware (in a VM: nested virtualisation) and load kvm_intel or kvm_amd',
  darwin: 'use a Mac with the Hypervisor framework; in a VM, allow nested virtualisation',
  win32: 'switch on "Windows Hypervisor Platform" in the Windows features, and virtualisation in the firmware',
};

/** Emulation works, so nothing of this keeps a machine from running. */
export function checkAcceleration(fact: AccelerationFact): Finding {
  const { platform, needed, proven, host, unsigned, cacheFile } = fact;
  const fix = fixes[platform] ?? 'use a host with hardware virtualisation';
  if (!needed) return skipped('the machine is no VM');
  if (host === 'missing') return warning('the host offers none, so the machine is emulated and slow', fix);
  if (host === 'denied') {
    return warning(
      '/dev/kvm may not be opened, so the machine is emulated',
      '`sudo usermod -aG kvm $USER`, then log in again',
    );
  }
  if (unsigned !== null) {
    return warning(
      `${unsigned} is not signed for the hypervisor, so the machine is emulated and slow`,
      `${signingCommand(unsigned)}; then remove ${cacheFile} to have it tried again`,
    );
  }
  if (proven === null)
    return ok(host === 'offered' ? 'offered by the host; the first start tries it' : 'the first start tries it');
  if (proven !== 'tcg') return ok(proven);
  return warning(
    "the host's acceleration did not run a VM when it was tried, so the machine is emulated and slow",
    `${fix}; then remove ${cacheFile} to have it tried again`,
  );
}
