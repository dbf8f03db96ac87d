import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageName } from './messages.ts';

/** wsl.exe says this and ends with -1. */
export class WslFailure extends Error {
  readonly message_: MessageName;
  readonly code: string;
  constructor(message: MessageName, code: string) {
    super(code);
    this.message_ = message;
    this.code = code;
  }
}

const scripts = import.meta.dirname;
/** In a distribution's folder; the real one has its disk under this name. */
const diskName = 'ext4.vhdx';

/**
 * Distributions as folders, and while they run, as namespaces: all share a VM (a network and /mnt/wsl), each has
 * processes and mounts of its own and ends with its last session.
 *
 *   state/distributions/NAME       its folder
 *   state/running/NAME             process id of its first process
 *   state/sessions/NAME/PID        a program that wsl.exe runs in it
 *   state/vm                       process id that holds the VM
 */
export class Distributions {
  readonly #state: string;

  constructor(state: string) {
    this.#state = state;
  }

  async names(): Promise<string[]> {
    return (await readdir(this.#at('distributions')).catch(() => [])).sort();
  }

  async import(name: string, folder: string, tar: string): Promise<void> {
    await this.#locked(async () => {
      if (await this.#folderOf(name)) throw new WslFailure('exists', 'Wsl/Service/RegisterDistro/ERROR_ALREADY_EXISTS');
      const disk = path.join(folder, diskName);
      if (existsSync(disk)) throw new WslFailure('inUse', 'Wsl/Service/RegisterDistro/ERROR_FILE_EXISTS');
      await mkdir(disk, { recursive: true });
      execFileSync('tar', ['-xf', tar, '-C', disk]);
      await this.#register(name, folder);
    });
  }

  async adopt(name: string, disk: string): Promise<void> {
    if (!existsSync(disk)) throw new WslFailure('failed', 'Wsl/Service/RegisterDistro/ERROR_FILE_NOT_FOUND');
    await this.#locked(() => this.#register(name, path.dirname(disk)));
  }

  async terminate(name: string): Promise<void> {
    await this.#locked(async () => {
      await this.#registered(name);
      await this.#end(name);
    });
  }

  async unregister(name: string): Promise<void> {
    await this.#locked(async () => {
      const folder = await this.#registered(name);
      await this.#end(name);
      await rm(path.join(folder, diskName), { recursive: true, force: true });
      await rm(this.#at('distributions', name));
    });
  }

  /** Its exit code; 1 when the distribution ends before it. */
  async execute(name: string, command: readonly string[]): Promise<number> {
    const session = await this.#locked(async () => {
      const first = await this.#start(name, await this.#registered(name));
      const enter = ['-t', String(first), '-m', '-p', '-u', '-i', '-n', '-r', '-w'];
      const clean = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];
      const child = spawn('nsenter', [...enter, ...clean, ...command], { stdio: 'inherit' });
      await once(child, 'spawn');
      await mkdir(this.#at('sessions', name), { recursive: true });
      await writeFile(this.#at('sessions', name, String(child.pid)), '');
      return child;
    });
    const [code] = session.exitCode !== null ? [session.exitCode] : ((await once(session, 'exit')) as [number | null]);
    await this.#locked(async () => {
      await rm(this.#at('sessions', name, String(session.pid)), { force: true });
      if (!(await this.#hasSessions(name))) await this.#end(name);
    });
    return code ?? 1;
  }

  async #registered(name: string): Promise<string> {
    const folder = await this.#folderOf(name);
    if (folder === null) throw new WslFailure('unknown', 'Wsl/Service/WSL_E_DISTRO_NOT_FOUND');
    return folder;
  }

  async #register(name: string, folder: string): Promise<void> {
    await mkdir(this.#at('distributions'), { recursive: true });
    await writeFile(this.#at('distributions', name), folder);
  }

  #folderOf(name: string): Promise<string | null> {
    return readFile(this.#at('distributions', name), 'utf8').catch(() => null);
  }

  async #start(name: string, folder: string): Promise<number> {
    const running = await this.#runningAs(this.#at('running', name));
    if (running !== null) return running;
    const vm = await this.#startVm();
    const enter = ['-t', String(vm), '-m', '-n'];
    const apart = ['unshare', '-m', '-p', '-u', '-i', '-f', '--kill-child', '--propagation', 'unchanged'];
    const boot = ['sh', path.join(scripts, 'boot-distribution.sh'), path.join(folder, diskName), this.#at('shared')];
    return this.#hold(['nsenter', ...enter, ...apart, ...boot], this.#at('running', name));
  }

  async #startVm(): Promise<number> {
    const running = await this.#runningAs(this.#at('vm'));
    if (running !== null) return running;
    await mkdir(this.#at('shared'), { recursive: true });
    const boot = ['sh', path.join(scripts, 'boot-vm.sh'), this.#at('shared')];
    return this.#hold(['unshare', '-m', '-n', '--propagation', 'private', ...boot], this.#at('vm'));
  }

  /** Starts a process that outlives this one, and notes it in the file once it is ready. */
  async #hold([program = '', ...args]: string[], file: string): Promise<number> {
    await mkdir(path.dirname(file), { recursive: true });
    await rm(file, { force: true });
    await using log = await open(this.#at('log'), 'a');
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', log.fd, 'pipe'] });
    const ready = child.stdio[3] as NodeJS.ReadableStream;
    const ended = once(child, 'exit').then(() => Promise.reject(new WslFailure('failed', 'Wsl/Service/E_UNEXPECTED')));
    await Promise.race([once(ready, 'data'), ended]);
    ended.catch(() => undefined);
    child.unref();
    // What unshare forked, where it had to: the first of its process namespace.
    const forked = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim();
    const pid = forked === '' ? String(child.pid) : forked;
    await writeFile(`${file}.new`, pid);
    await rename(`${file}.new`, file);
    return Number(pid);
  }

  async #runningAs(file: string): Promise<number | null> {
    const pid = Number(await readFile(file, 'utf8').catch(() => 'NaN'));
    return Number.isInteger(pid) && existsSync(`/proc/${pid}/ns/mnt`) ? pid : null;
  }

  async #hasSessions(name: string): Promise<boolean> {
    const pids = await readdir(this.#at('sessions', name)).catch(() => []);
    return pids.some((pid) => existsSync(`/proc/${pid}/exe`));
  }

  /** With its first process all of a distribution ends, and with the last distribution the VM. */
  async #end(name: string): Promise<void> {
    await this.#kill(this.#at('running', name));
    await rm(this.#at('sessions', name), { recursive: true, force: true });
    if ((await readdir(this.#at('running')).catch(() => [])).length === 0) await this.#kill(this.#at('vm'));
  }

  async #kill(file: string): Promise<void> {
    const pid = await this.#runningAs(file);
    if (pid !== null) process.kill(pid, 'SIGKILL');
    while (pid !== null && existsSync(`/proc/${pid}/exe`)) await delay(10);
    await rm(file, { force: true });
  }

  /** One command at a time, as WSL's service has it. The lock goes with the process that holds it. */
  async #locked<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.#state, { recursive: true });
    const lock = spawn('flock', [this.#at('lock'), 'sh', '-c', 'echo locked; cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(lock.stdout, 'data');
    try {
      await this.#endIdle();
      return await work();
    } finally {
      const released = once(lock, 'exit');
      lock.stdin.end();
      await released;
    }
  }

  /** What a wsl.exe that was killed did not see end. */
  async #endIdle(): Promise<void> {
    for (const name of await readdir(this.#at('running')).catch(() => [])) {
      if (!(await this.#hasSessions(name))) await this.#end(name);
    }
  }

  #at(...names: string[]): string {
    return path.join(this.#state, ...names);
  }
}
