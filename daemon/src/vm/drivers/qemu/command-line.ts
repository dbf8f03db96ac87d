import type { VmSpec } from '../../driver.ts';
import type { VmImage } from '../../image/vm-image.ts';
import { controlArgs, entropyArgs, guestConfigArgs, linkArgs, networkArgs } from './args/devices.ts';
import { diskArgs } from './args/disks.ts';
import { type FolderDevice, folderArgs } from './args/folders.ts';
import { kernelArgs } from './args/kernel.ts';
import { machineArgs } from './args/machine.ts';
import type { QemuFiles } from './files.ts';
import type { Profile } from './profile.ts';

export interface CommandLineInput {
  profile: Profile;
  image: VmImage;
  files: QemuFiles;
  /** Identifies this very start over QMP. */
  uuid: string;
  spec: Pick<VmSpec, 'cpus' | 'memoryMiB'>;
  folders: readonly FolderDevice[];
}

/** All of QEMU's arguments. */
export function commandLine({ profile, image, files, uuid, spec, folders }: CommandLineInput): string[] {
  return [
    ...['-name', 'berth', '-uuid', uuid],
    ...machineArgs(profile, spec),
    ...kernelArgs(profile, image),
    ...diskArgs(image, files.dataDisk),
    ...folderArgs(folders, spec.memoryMiB),
    ...networkArgs(),
    ...linkArgs(files),
    ...entropyArgs(),
    ...controlArgs(files),
    ...guestConfigArgs(files),
  ];
}
