import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { decodeWslOutput, errorCodeIn, parseNames, parseWslVersion, type WslVersion } from './wsl-output.ts';

/** wsl.exe did not do what was asked. The message is one line, with what to do where that is known. */
export class WslError extends Error {
  override readonly name = 'WslError';
  /** WSL's name or number for what is wrong; null: it told none. */
  readonly code: string | null;
  /** wsl.exe ran; false: it could not be started. */
  readonly started: boolean;
  constructor(message: string, options: { code?: string | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? null;
    this.started = options.cause === undefined;
  }
}

/** What there is to do about what WSL complains of, by its codes. */
const remedies: Readonly<Record<string, string>> = {
  HCS_E_HYPERV_NOT_INSTALLED: virtualMachines(),
  '0x80370102': virtualMachines(),
  HCS_E_SERVICE_NOT_AVAILABLE: virtualMachines(),
  WSL_E_WSL_OPTIONAL_COMPONENT_REQUIRED: 'run `wsl --install --no-distribution` and restart Windows',
  E_ACCESSDENIED: 'its folder is not yours to write, or a policy forbids WSL',
  WSL_E_DISK_CORRUPTED: 'the disk of the distribution is damaged',
};

function virtualMachines(): string {
  return 'turn virtualization on in the firmware, then run `wsl --install --no-distribution` and restart Windows';
}

/** A command may create and unpack a disk of gigabytes. */
const commandTimeoutMs = 10 * 60_000;

export interface ExecOptions {
  distribution: string;
  /** Program in the distribution and its arguments; no shell comes between. */
  command: readonly string[];
}

/** wsl.exe: its commands, what it says read from any language, and programs of its distributions. */
export class Wsl {
  readonly program: string;

  constructor(program = 'wsl.exe') {
    this.program = program;
  }

  /** Rejects with {@link WslError} where there is none, or one too old to tell. */
  async version(): Promise<WslVersion> {
    const printed = await this.run(['--version']).catch((error: WslError) => {
      if (error.started) return '';
      throw error;
    });
    const version = parseWslVersion(printed);
    if (version) return version;
    throw new WslError('WSL is too old to tell its version: run `wsl --update`');
  }

  /** Distributions that are registered. */
  async distributions(): Promise<string[]> {
    try {
      return parseNames(await this.run(['--list', '--quiet']));
    } catch (error) {
      // That there is none at all is an error to it.
      if (error instanceof WslError && error.code === 'WSL_E_DEFAULT_DISTRO_NOT_FOUND') return [];
      throw error;
    }
  }

  async import(name: string, { folder, tar }: { folder: string; tar: string }): Promise<void> {
    await this.run(['--import', name, folder, tar, '--version', '2']);
  }

  /** Registers a disk that is there already. */
  async importInPlace(name: string, disk: string): Promise<void> {
    await this.run(['--import-in-place', name, disk]);
  }

  /** Ends all that runs in it. Nothing happens when nothing does, or when it is not registered. */
  async terminate(name: string): Promise<void> {
    await ignoring('WSL_E_DISTRO_NOT_FOUND', this.run(['--terminate', name]));
  }

  /** Forgets it and deletes its disk. Nothing happens when it is not registered. */
  async unregister(name: string): Promise<void> {
    await ignoring('WSL_E_DISTRO_NOT_FOUND', this.run(['--unregister', name]));
  }

  /** Arguments that run a program as root, its standard streams being wsl.exe's. */
  execArguments({ distribution, command }: ExecOptions): string[] {
    return ['--distribution', distribution, '--user', 'root', '--cd', '/', '--exec', ...command];
  }

  /** Runs a program with its standard streams as pipes. The caller ends it. */
  spawn(options: ExecOptions): ChildProcessWithoutNullStreams {
    return spawn(this.program, this.execArguments(options), { windowsHide: true });
  }

  /** Runs a command or program to its end; what it printed. Rejects with {@link WslError}. */
  async run(args: readonly string[], input = ''): Promise<string> {
    const child = spawn(this.program, args, { windowsHide: true, timeout: commandTimeoutMs });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stdin.on('error', () => undefined).end(input);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('close', resolve).on('error', (cause) => reject(notStarted(cause)));
    });
    const output = decodeWslOutput(Buffer.concat(printed));
    if (code === 0) return output;
    throw failed(args, output, code);
  }
}

function notStarted(cause: NodeJS.ErrnoException): WslError {
  if (cause.code !== 'ENOENT') return new WslError(`wsl.exe does not start: ${cause.message}`, { cause });
  return new WslError('WSL is not installed: run `wsl --install --no-distribution` and restart Windows', { cause });
}

function failed(args: readonly string[], output: string, exitCode: number | null): WslError {
  const code = errorCodeIn(output);
  const command = args.find((arg) => arg.startsWith('--')) ?? '';
  const said = output.split('\n').find((line) => line.trim() !== '') ?? `exit code ${exitCode}`;
  const remedy = code === null ? undefined : remedies[code];
  const parts = [`wsl.exe ${command}: ${said.trim()}`, code && `(${code})`, remedy && `- ${remedy}`];
  return new WslError(parts.filter((part) => part).join(' '), { code });
}

async function ignoring(code: string, command: Promise<unknown>): Promise<void> {
  await command.catch((error: unknown) => {
    if (!(error instanceof WslError) || error.code !== code) throw error;
  });
}
