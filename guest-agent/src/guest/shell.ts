import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readlink } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { NotFoundError } from '../api/errors.ts';

export interface TerminalSize {
  cols: number;
  rows: number;
}

/** How long the exit code of a shell that ended can still be asked for. */
const keptForMs = 60_000;
const defaultEnvironment = {
  HOME: '/root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  TERM: 'xterm-256color',
};

/** A root shell under a terminal of its own, made by script(1), since Node has no pty. */
export class Shell {
  readonly id = randomUUID();
  /** 128 + n when a signal ended it. */
  readonly exitCode: Promise<number>;
  readonly #child: ChildProcess;

  constructor(size: TerminalSize) {
    const { cols, rows } = size;
    const command = `stty cols ${cols} rows ${rows} 2>/dev/null; exec "$(command -v bash || echo sh)" -l`;
    this.#child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: '/',
      env: defaultEnvironment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.exitCode = exitCodeOf(this.#child);
  }

  /** Joins it with a client's stream; a client that leaves hangs the shell up. */
  async serve(stream: Duplex): Promise<void> {
    const { stdin, stdout } = this.#child;
    stdin?.on('error', () => undefined);
    stream.on('error', () => stream.destroy());
    stream.once('close', () => this.#child.kill('SIGHUP'));
    if (stdin) stream.pipe(stdin);
    if (stdout) stdout.pipe(stream, { end: false });
    await this.exitCode;
    stream.end();
  }

  /** Sets the terminal's size, which the kernel tells the programs in it. */
  async resize({ cols, rows }: TerminalSize): Promise<void> {
    const { pid } = this.#child;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    const terminal = await readlink(`/proc/${children.trim().split(' ')[0]}/fd/0`).catch(() => null);
    if (!terminal?.startsWith('/dev/pts/')) throw new NotFoundError(`shell ${this.id} has ended`);
    const stty = spawn('stty', ['-F', terminal, 'cols', String(cols), 'rows', String(rows)], { stdio: 'ignore' });
    await once(stty, 'exit');
  }
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 128;
  } catch {
    return 127;
  }
}

/** The shells that run, by id. */
export class Shells {
  readonly #shells = new Map<string, Shell>();

  open(size: TerminalSize): Shell {
    const shell = new Shell(size);
    this.#shells.set(shell.id, shell);
    void shell.exitCode.then(() => setTimeout(() => this.#shells.delete(shell.id), keptForMs).unref());
    return shell;
  }

  get(id: string): Shell {
    const shell = this.#shells.get(id);
    if (!shell) throw new NotFoundError(`no such shell: ${id}`);
    return shell;
  }
}
