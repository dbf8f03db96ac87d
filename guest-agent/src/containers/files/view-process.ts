import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { SystemError } from '../../api/index.ts';
import type { Mount } from '../../containerd/snapshots.ts';

const run = promisify(execFile);

/** Mounts its arguments on a folder of its own namespace, then waits until nobody holds its input any more. */
const script = `target=$1; shift
while [ $# -gt 0 ]; do mount -t "$1" -o "$2" "$3" "$target" || exit 1; shift 3; done
cd "$target" && echo ready && read -r _`;

/** `$1` source, `$2` place, `$3` ro or rw, and so on. A read-only one is made so before it is put in its place. */
const bindScript = `while [ $# -gt 0 ]; do
if [ "$3" = ro ]; then mount --rbind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 1; fi
mount -c --rbind "$1" "$2" || exit 1; shift 3; done`;

export interface Binding {
  source: string;
  /** Open place in the view. */
  fd: number;
  readOnly: boolean;
}

/**
 * A process with a mount namespace of its own. Its mounts are nobody else's and end with it, and it ends with the
 * agent, however that ends: there is nothing to clear away.
 */
export class ViewProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #end: () => Promise<void>;

  private constructor(pid: number, end: () => Promise<void>) {
    this.pid = pid;
    this.#end = end;
  }

  static async start(mounts: readonly Mount[], target: string): Promise<ViewProcess> {
    const args = mounts.flatMap(({ type, source, options }) => [
      type === 'bind' ? 'none' : type,
      options.join(','),
      source,
    ]);
    const shell = ['sh', '-c', script, 'view', target, ...args];
    const child = spawn('unshare', ['--mount', '--propagation', 'slave', '--', ...shell], { stdio: 'pipe' });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const ready = once(child.stdout, 'data').then(() => true);
    const failed = once(child, 'close').then(() => false);
    if (!(await Promise.race([ready, failed]))) {
      throw new SystemError(`cannot mount the container's file system: ${Buffer.concat(errors).toString().trim()}`);
    }
    return new ViewProcess(child.pid as number, async () => {
      child.stdin.end();
      await closed;
    });
  }

  /** The view's root; below it, the view's mounts are seen. */
  get root(): string {
    return `/proc/${this.pid}/cwd`;
  }

  async bind(bindings: readonly Binding[]): Promise<void> {
    if (bindings.length === 0) return;
    const args = bindings.flatMap(({ source, fd, readOnly }) => [
      source,
      `/proc/${process.pid}/fd/${fd}`,
      readOnly ? 'ro' : 'rw',
    ]);
    const shell = ['sh', '-c', bindScript, 'bind', ...args];
    await run('nsenter', ['-t', String(this.pid), '-m', '--', ...shell]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}
