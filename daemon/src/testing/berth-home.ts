import { rm, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa, type Options, type Result } from 'execa';
import type { MachineStatus } from '../api/status.ts';
import { scratchDir } from '../vm/testing/scratch-dir.ts';

const entry = path.resolve(import.meta.dirname, '../main.ts');

/** A home of a test's own and the berth command on it, run from its sources. */
export interface BerthHome extends AsyncDisposable {
  path: string;
  dockerHost: string;
  engineSocket: string;
  /** Runs `berth …args --home HOME`; never rejects because of an exit code. */
  run(args: string[], options?: Options): Promise<Result>;
  status(): Promise<MachineStatus>;
  /** Process ids whose command line names something in this home. */
  processes(): Promise<number[]>;
  /** The daemon's. */
  daemonPid(): Promise<number | undefined>;
}

export async function berthHome(env: Record<string, string> = {}): Promise<BerthHome> {
  const dir = await scratchDir('/var/tmp');
  const run = (args: string[], options: Options = {}) =>
    execa(process.execPath, ['--conditions=berth-source', entry, ...args, '--home', dir.path], {
      ...options,
      env: { ...env, ...options.env },
      reject: false,
    }) as unknown as Promise<Result>;
  const processes = async () =>
    (await commandLines()).filter(({ args }) => args.includes(dir.path)).map(({ pid }) => pid);
  return {
    path: dir.path,
    dockerHost: `unix://${dir.file('docker.sock')}`,
    engineSocket: dir.file('docker.sock'),
    run,
    status: async () => JSON.parse(String((await run(['status', '--json'])).stdout)) as MachineStatus,
    processes,
    daemonPid: async () => {
      const daemon = (await commandLines()).find(({ args }) => args.includes(` daemon --home ${dir.path}`));
      return daemon?.pid;
    },
    [Symbol.asyncDispose]: async () => {
      await run(['down']);
      for (const pid of await processes()) process.kill(pid, 'SIGKILL');
      await rm(dir.path, { recursive: true, force: true });
    },
  };
}

async function commandLines(): Promise<{ pid: number; args: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = pids.map(async (pid) => ({
    pid,
    args: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
  }));
  return (await Promise.all(lines)).filter(({ pid }) => pid !== process.pid);
}
