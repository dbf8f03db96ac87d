import type { Profile } from '../profile.ts';
import { option } from './option.ts';

/**
 * CPU, memory and board. q35 and not microvm: microvm has neither HPET nor PM timer, so where the clock has to be
 * measured (TCG) one disturbed measurement leaves its kernel without any timer, and it hangs.
 */
export function machineArgs(profile: Profile, size: { cpus: number; memoryMiB: number }): string[] {
  return [
    ...['-machine', option('q35', { smm: 'off', vmport: 'off', i8042: 'off', usb: 'off' })],
    ...['-accel', profile.accel],
    ...['-cpu', profile.cpu],
    ...['-smp', String(size.cpus)],
    ...['-m', String(size.memoryMiB)],
    ...['-nodefaults', '-no-user-config', '-no-reboot'],
    ...['-display', 'none', '-vga', 'none'],
  ];
}
