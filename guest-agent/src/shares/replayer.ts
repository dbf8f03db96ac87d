import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { SystemError } from '../api/errors.ts';
import { commandOf, type Replay } from './replays.ts';

export interface ReplayerOptions {
  /** The mounted share. */
  mount: string;
  /** An empty folder, for a root in which the share is all that can be changed. */
  root: string;
}

/** Names in the share are not this machine's: what a link in it leads to has to be in the share or nowhere. */
const setUp = `
set -e
mount -t tmpfs -o size=64k,mode=700 replay "$1"
mkdir "$1/usr" "$1/share"
for name in bin lib lib64 sbin; do ln -s "usr/$name" "$1/$name"; done
mount --bind /usr "$1/usr"
mount -o remount,bind,ro "$1/usr"
mount --bind "$2" "$1/share"
mount -o remount,ro "$1"
echo ready
exec chroot "$1" /usr/bin/busybox sh
`;
const doneLine = 'done';

/**
 * Does in a share what the host did in it, as a process of its own: by that its requests are told from all others. It
 * starts when there is something to do first.
 */
export class Replayer implements Disposable {
  readonly #options: ReplayerOptions;
  #shell: { process: ChildProcess; lines: AsyncIterator<string>; reader: Interface } | null = null;
  readonly #current = new Map<string, Replay>();
  #isClosed = false;

  constructor(options: ReplayerOptions) {
    this.#options = options;
  }

  /** Resolves when this machine's kernel has told those who watch. One call at a time. */
  async run(replays: readonly Replay[]): Promise<void> {
    if (replays.length === 0 || this.#isClosed) return;
    const shell = (this.#shell ??= await this.#start());
    for (const replay of replays) {
      this.#current.set(replay.path, replay);
      if (replay.kind === 'move') this.#current.set(replay.to, { kind: 'make', path: replay.to, type: 0 });
    }
    try {
      const commands = replays.map((replay) => commandOf(replay, '/share'));
      shell.process.stdin?.write([...commands, `echo ${doneLine}`, ''].join('\n'));
      const { done } = await shell.lines.next();
      if (done) this.#stop();
    } finally {
      this.#current.clear();
    }
  }

  /** Whether that thread of this machine is the one that repeats, or a child of it. */
  asks(pid: number): boolean {
    const own = this.#shell?.process.pid;
    if (own === undefined || pid === 0 || this.#current.size === 0) return false;
    return pid === own || parentOf(pid) === own;
  }

  /** What is being repeated at a path. */
  at(path: string): Replay | undefined {
    return this.#current.get(path);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#stop();
  }

  async #start() {
    const { mount, root } = this.#options;
    await mkdir(root, { recursive: true, mode: 0o700 });
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', setUp, 'replay', root, mount];
    const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => undefined);
    await once(child, 'spawn');
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    if ((await lines.next()).done) throw new SystemError('changes of files on the host cannot be told');
    return { process: child, reader, lines };
  }

  #stop(): void {
    this.#shell?.process.kill('SIGKILL');
    this.#shell?.reader.close();
    this.#shell = null;
  }
}

/** A process that waits for an answer is there to be asked for. */
function parentOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(fields.slice(fields.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
