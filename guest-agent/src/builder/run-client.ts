import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SystemError } from '../api/errors.ts';

export interface RunClient {
  program: string;
  args: readonly string[];
  /** Folder with the credentials to use (DOCKER_CONFIG). */
  dockerConfig: string;
  /** Each line of what it prints, on either output. */
  onLine: (line: string) => void;
  signal: AbortSignal;
}

const graceMs = 3_000;

/** Runs buildctl to its end and answers its exit code. An abort takes the build with it. */
export async function runClient({ program, args, dockerConfig, onLine, signal }: RunClient): Promise<number> {
  signal.throwIfAborted();
  const child = spawn('env', [`DOCKER_CONFIG=${dockerConfig}`, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new SystemError(`buildctl: ${error.message}`, { cause: error })));
  });
  let kill: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', onLine);
  try {
    const [code, endSignal] = (await Promise.race([once(child, 'close'), failed])) as [number | null, string | null];
    if (endSignal !== null && !signal.aborted) throw new SystemError(`buildctl was ended by ${endSignal}`);
    return code ?? -1;
  } finally {
    clearTimeout(kill);
    signal.removeEventListener('abort', stop);
  }
}
