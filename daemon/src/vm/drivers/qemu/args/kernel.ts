import type { VmImage } from '../../../image/vm-image.ts';
import type { Profile } from '../profile.ts';

/** A kernel that panics restarts at once, and a machine that may not restart ends: nothing hangs around dead. */
const always = ['quiet', 'panic=-1'];

export function kernelArgs(profile: Profile, image: VmImage): string[] {
  return [
    ...['-kernel', image.kernel],
    ...['-initrd', image.initramfs],
    ...['-append', [`console=${profile.console}`, ...always, ...profile.kernelParameters].join(' ')],
  ];
}
