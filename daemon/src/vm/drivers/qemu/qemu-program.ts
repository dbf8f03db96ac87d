import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Architecture, architectureOf } from '../../architecture.ts';

/** A QEMU that this host has. */
export interface QemuProgram {
  file: string;
  version: QemuVersion;
}

export interface QemuVersion {
  major: number;
  minor: number;
  micro: number;
  /** As QEMU writes it, e.g. '7.2.22'. */
  text: string;
}

const run = promisify(execFile);

/** Names by the guest's processor: of the program, and of Debian's package with it. */
const programs: Readonly<Record<Architecture, { file: string; debian: string }>> = {
  amd64: { file: 'qemu-system-x86_64', debian: 'qemu-system-x86' },
  arm64: { file: 'qemu-system-aarch64', debian: 'qemu-system-arm' },
};

const howToInstall: Readonly<Record<string, string>> = {
  darwin: 'install it with `brew install qemu`',
  win32: 'install it with `winget install SoftwareFreedomConservancy.QEMU`',
};

export interface WantedQemu {
  /** Processor of the guest; left out: the host's. */
  guest?: Architecture | undefined;
  /** The program; left out: the one on PATH. */
  program?: string | undefined;
}

/** The QEMU for a guest, or one line that says what is missing and how to get it. */
export async function findQemu(wanted: WantedQemu = {}): Promise<QemuProgram | { problem: string }> {
  const guest = wanted.guest ?? architectureOf(process.arch);
  if (guest === null) return { problem: `there is no VM image for ${process.arch} processors` };
  const file = wanted.program ?? programs[guest].file;
  try {
    const { stdout } = await run(file, ['--version']);
    const version = parseVersion(stdout);
    return version === null ? { problem: `${file} --version says nothing known: ${stdout.trim()}` } : { file, version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      return { problem: `${file} does not run: ${(error as Error).message.split('\n')[0]}` };
    }
    const debian = `install it, e.g. with \`apt install ${programs[guest].debian}\``;
    return {
      problem: `QEMU is not installed (no ${file} on PATH): ${howToInstall[process.platform] ?? debian}`,
    };
  }
}

export function parseVersion(output: string): QemuVersion | null {
  const match = /version (\d+)\.(\d+)(?:\.(\d+))?[.\d]*/.exec(output);
  if (!match) return null;
  const [major = 0, minor = 0, micro = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return { major, minor, micro, text: match[0].slice('version '.length) };
}

export function isAtLeast(version: QemuVersion, ...floor: readonly number[]): boolean {
  const differences = [version.major, version.minor, version.micro].map((part, at) => part - (floor[at] ?? 0));
  return (differences.find((difference) => difference !== 0) ?? 0) >= 0;
}
