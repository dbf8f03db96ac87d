import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SystemError } from '../api/index.ts';
import type { IdMapping, IdRange } from './id-mapping.ts';

const run = promisify(execFile);

/**
 * A user namespace with a network namespace that belongs to it, held by a process of no other use: a container enters
 * the first by its path and may only manage a network whose namespace belongs to it. The process ends when it is
 * disposed, or with the agent; namespaces that somebody has entered or mounted live on.
 */
export class UserNamespace implements AsyncDisposable {
  readonly #pid: number;
  readonly #end: () => Promise<void>;

  private constructor(pid: number, end: () => Promise<void>) {
    this.#pid = pid;
    this.#end = end;
  }

  /** A new one. */
  static async open(mapping: IdMapping): Promise<UserNamespace> {
    const namespace = await UserNamespace.#hold('unshare', ['--user', '--net']);
    try {
      await namespace.#map(mapping);
      return namespace;
    } catch (error) {
      await namespace[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** That of a process, with a network namespace of its own. */
  static join(pid: number): Promise<UserNamespace> {
    return UserNamespace.#hold('nsenter', ['-t', String(pid), '--user', '--', 'unshare', '--net']);
  }

  static async #hold(file: string, args: string[]): Promise<UserNamespace> {
    const child = spawn(file, [...args, '--', 'sh', '-c', 'echo ready; read -r _'], { stdio: 'pipe' });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => undefined);
    const ready = new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true)));
    const ended = new Promise<boolean>((resolve) =>
      child.once('error', () => resolve(false)).once('close', () => resolve(false)),
    );
    if (!(await Promise.race([ready, ended]))) {
      throw new SystemError(`cannot make a user namespace: ${Buffer.concat(errors).toString().trim()}`);
    }
    return new UserNamespace(child.pid as number, async () => {
      child.stdin.end();
      await closed;
    });
  }

  get path(): string {
    return `/proc/${this.#pid}/ns/user`;
  }

  /** Mounts the network namespace at a path, where it stays until it is unmounted. */
  async mountNetwork(target: string): Promise<void> {
    await writeFile(target, '', { flag: 'a' });
    await run('mount', ['--bind', `/proc/${this.#pid}/ns/net`, target]);
  }

  async #map({ uids, gids }: IdMapping): Promise<void> {
    await writeFile(`/proc/${this.#pid}/uid_map`, mapLines(uids));
    await writeFile(`/proc/${this.#pid}/gid_map`, mapLines(gids));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** user_namespaces(7): one write with all lines. */
const mapLines = (ranges: readonly IdRange[]): string =>
  ranges.map(({ containerId, hostId, size }) => `${containerId} ${hostId} ${size}\n`).join('');
