import { readFile } from 'node:fs/promises';

/** One line of mountinfo (proc_pid_mountinfo(5)). */
export interface MountTableEntry {
  mountPoint: string;
  /** This mount's own options. */
  options: string[];
  fsType: string;
  /** The file system's own options, separated by commas. */
  superOptions: string;
  /** Mounts below it are passed on to others, or taken over from others. */
  isShared: boolean;
  isSlave: boolean;
}

/** What this process has mounted, in the order of the kernel: of several at one place the last is seen. */
export async function readMountTable(): Promise<MountTableEntry[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Blanks and the like stand as octal numbers. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));

export function parseMountTable(table: string): MountTableEntry[] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const separator = fields.indexOf('-', 6);
      const optional = fields.slice(6, separator);
      return {
        mountPoint: unescape(fields[4] ?? ''),
        options: (fields[5] ?? '').split(','),
        fsType: fields[separator + 1] ?? '',
        superOptions: unescape(fields[separator + 3] ?? ''),
        isShared: optional.some((field) => field.startsWith('shared:')),
        isSlave: optional.some((field) => field.startsWith('master:')),
      };
    });
}

/** Whether something is mounted at the very path. */
export async function isMounted(target: string): Promise<boolean> {
  return (await readMountTable()).some(({ mountPoint }) => mountPoint === target);
}
