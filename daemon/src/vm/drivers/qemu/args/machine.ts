import type { Profile } from '../profile.ts';

/** CPU, memory and board. */
export function machineArgs(profile: Profile, size: { cpus: number; memoryMiB: number }): string[] {
  return [
    ...['-machine', profile.machine],
    ...['-accel', profile.accel],
    ...['-cpu', profile.cpu],
    ...['-smp', String(size.cpus)],
    ...['-m', String(size.memoryMiB)],
    ...['-nodefaults', '-no-user-config', '-no-reboot'],
    ...['-display', 'none', '-vga', 'none'],
  ];
}
