import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { SystemError } from '../api/index.ts';

/** Ends a script's output, before its exit code; no program that scripts call writes it. */
const endMark = '\0';

interface Job {
  script: string;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Shells that stay, each running one script after the other. Starting a program from a process as large as the agent
 * costs several milliseconds in which nothing else of it runs; a shell does that cheaply. They end with the agent, at
 * the latest when their input closes.
 */
export class ScriptShells {
  readonly #atMost: number;
  readonly #preamble: string;
  readonly #waiting: Job[] = [];
  readonly #idle: Shell[] = [];
  #running = 0;

  /**
   * @param atMost how many scripts run at once; the others wait for their turn, in order
   * @param preamble what each shell reads before its first script
   */
  constructor(atMost: number, preamble = '') {
    this.#atMost = atMost;
    this.#preamble = preamble;
  }

  /** Runs a script up to its first command that fails. Rejects with SystemError and what it printed. */
  run(script: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ script, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running === this.#atMost) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running += 1;
    const shell = this.#takeIdle() ?? new Shell(this.#preamble);
    void shell
      .run(job.script)
      .then(job.resolve, job.reject)
      .finally(() => {
        this.#running -= 1;
        this.#idle.push(shell);
        this.#next();
      });
  }

  #takeIdle(): Shell | undefined {
    let shell = this.#idle.pop();
    while (shell?.isAlive === false) shell = this.#idle.pop();
    return shell;
  }
}

/** Exit status of a script that has said itself, in the user's words, what is wrong. */
const saidItself = 99;

/** ip(8)'s sentences for what the kernel lacks, as dockerd words the errno. */
function failureText(code: number, output: string): string {
  if (code === saidItself) return output;
  if (/Unknown device type|Operation not supported/.test(output)) return 'operation not supported';
  return `a network script failed (exit ${code}): ${output}`;
}

class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #settle: ((end: Error | number) => void) | null = null;
  isAlive = true;

  constructor(preamble: string) {
    this.#child = spawn('sh', [], { stdio: 'pipe', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (error) => this.#end(new SystemError(`sh: ${error.message}`, { cause: error })));
    this.#child.on('close', () => this.#end(new SystemError('sh was ended while it ran a script')));
    this.#child.stdin.write(preamble);
  }

  async run(script: string): Promise<void> {
    const end = new Promise<Error | number>((resolve) => (this.#settle = resolve));
    this.#child.stdin.write(`(set -e\n${script}\n) </dev/null 2>&1\nprintf '\\000%d\\n' "$?"\n`);
    const result = await end;
    const output = this.#output.trim();
    this.#output = '';
    if (result instanceof Error) throw result;
    if (result !== 0) throw new SystemError(failureText(result, output));
  }

  #read(chunk: string): void {
    this.#output += chunk;
    const mark = this.#output.indexOf(endMark);
    if (mark === -1 || !this.#output.endsWith('\n')) return;
    const code = Number(this.#output.slice(mark + endMark.length));
    this.#output = this.#output.slice(0, mark);
    this.#settle?.(code);
  }

  #end(reason: Error): void {
    this.isAlive = false;
    this.#settle?.(reason);
  }
}
