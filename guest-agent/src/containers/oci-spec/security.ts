import { appliedProfile } from '../apparmor/apparmor.ts';
import type { SpecModifier } from './context.ts';
import type { OciSpec } from './oci.ts';
import { loadedProfile, securityOptions } from './security-options.ts';
import { resolveProfile } from './seccomp.ts';

export const defaultMaskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

export const defaultReadonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

export const securityModifier: SpecModifier = (spec, { record, host }) => {
  const { hostConfig } = record;
  const options = securityOptions(hostConfig.SecurityOpt ?? [], host.securityDefaults);
  if (options.noNewPrivileges) spec.process.noNewPrivileges = true;
  if (!hostConfig.Privileged) {
    spec.linux.maskedPaths = [...(hostConfig.MaskedPaths ?? [])];
    spec.linux.readonlyPaths = [...(hostConfig.ReadonlyPaths ?? [])];
  }
  const profile = loadedProfile(options, hostConfig.Privileged ? null : host.seccompProfile);
  const seccomp = profile && resolveProfile(profile, spec.process.capabilities?.bounding ?? [], host);
  if (seccomp) spec.linux.seccomp = seccomp;
  if (host.hasAppArmor) spec.process.apparmorProfile = appliedProfile(options.apparmor, hostConfig.Privileged);
  if (options.writableCgroups !== null) setCgroupAccess(spec, options.writableCgroups);
};

export function setCgroupAccess(spec: OciSpec, writable: boolean): void {
  for (const mount of spec.mounts.filter(({ type }) => type === 'cgroup')) {
    const others = mount.options.filter((option) => option !== 'ro' && option !== 'rw');
    mount.options = [writable ? 'rw' : 'ro', ...others];
  }
}
