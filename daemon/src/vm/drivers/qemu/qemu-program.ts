import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A QEMU that this host has. */
export interface QemuProgram {
  file: string;
  version: QemuVersion;
}

export interface QemuVersion {
  major: number;
  minor: number;
  /** As QEMU writes it, e.g. '7.2.22'. */
  text: string;
}

const run = promisify(execFile);

/** Program names by process.arch; the VM image exists for these. */
const programs: Readonly<Record<string, string>> = { x64: 'qemu-system-x86_64' };

const howToInstall: Readonly<Record<string, string>> = {
  linux: 'install it, e.g. with `apt install qemu-system-x86`',
  darwin: 'install it with `brew install qemu`',
  win32: 'install it with `winget install SoftwareFreedomConservancy.QEMU`',
};

/** The QEMU on PATH, or one line that says what is missing and how to get it. */
export async function findQemu(
  arch: string = process.arch,
  file: string | undefined = programs[arch],
): Promise<QemuProgram | { problem: string }> {
  if (file === undefined) return { problem: `there is no VM image for ${arch} processors` };
  try {
    const { stdout } = await run(file, ['--version']);
    const version = parseVersion(stdout);
    return version === null ? { problem: `${file} --version says nothing known: ${stdout.trim()}` } : { file, version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      return { problem: `${file} does not run: ${(error as Error).message.split('\n')[0]}` };
    }
    const remedy = howToInstall[process.platform] ?? 'install QEMU';
    return { problem: `QEMU is not installed (no ${file} on PATH): ${remedy}` };
  }
}

export function parseVersion(output: string): QemuVersion | null {
  const match = /version (\d+)\.(\d+)[.\d]*/.exec(output);
  if (!match) return null;
  return { major: Number(match[1]), minor: Number(match[2]), text: match[0].slice('version '.length) };
}

export function isAtLeast(version: QemuVersion, major: number, minor = 0): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
