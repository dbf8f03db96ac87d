import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, write, writeSync, writevSync } from 'node:fs';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { SystemError } from '../../api/errors.ts';
import { pollDevice } from '../../storage/polled-device.ts';
import { answerHeader, inodeInvalid } from './answers.ts';
import { largestTransferBytes } from '../../api/sftp/index.ts';
import { headerBytes } from './abi.ts';
import { StructReader } from './struct.ts';

const run = promisify(execFile);
const device = '/dev/fuse';
/** The kernel hands out no request to who could not take the largest. */
const readBytes = largestTransferBytes + 4096;

/** One request of the kernel's (fuse_in_header). */
export interface FuseRequest {
  opcode: number;
  unique: bigint;
  /** What it is about. */
  node: number;
  /** The thread that asks, as this machine numbers it; 0: none in particular. */
  pid: number;
  /** Behind the header. */
  fields: StructReader;
}

/** The kernel's end of a mounted file system. */
export class FuseChannel implements Disposable {
  readonly #fd: number;
  #device: Socket | null = null;
  /** Nothing more is told unasked; what is open is still answered. */
  #isClosing = false;
  #isGone = false;
  /** Of the notices that are being written; never rejects. */
  #notified: Promise<unknown> = Promise.resolve();

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Mounts at `target`, an empty folder. */
  static async mount(target: string): Promise<FuseChannel> {
    const fd = openSync(device, 'r+');
    try {
      const options = `fd=3,rootmode=40000,user_id=0,group_id=0,allow_other,max_read=${largestTransferBytes}`;
      await mount(['-i', '-t', 'fuse.berth', '-o', options, 'berth', target], fd);
      return new FuseChannel(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Hands over each request; resolves when nothing has it mounted any more, or this is disposed of. Called once. */
  async serve(take: (request: FuseRequest) => void): Promise<void> {
    const buffer = Buffer.allocUnsafe(readBytes);
    // One read, one request. The buffer is needed for the next one.
    const onRead = (bytes: Buffer) => take(parse(Buffer.from(bytes)));
    const unused = () => this.#notified;
    const polled = (this.#device = pollDevice(this.#fd, { buffer, onRead, unused }));
    const closed = Promise.withResolvers<void>();
    polled.once('close', () => closed.resolve());
    // ENODEV: it is not mounted any more.
    polled.on('error', () => polled.destroy());
    polled.resume();
    await closed.promise;
    this.#isGone = true;
  }

  /** A request that is gone (its process was killed, or the mount) takes no answer. */
  answer({ unique }: FuseRequest, data: readonly Buffer[], errno = 0): void {
    if (this.#isGone) return;
    const bytes = data.reduce((sum, part) => sum + part.length, 0);
    try {
      writevSync(this.#fd, [answerHeader(unique, bytes, errno), ...data]);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Everything but a request or a mount that is gone is an answer the kernel does not understand.
      if (code === 'EINVAL' && errno === 0) this.answer({ unique } as FuseRequest, [], eio);
    }
  }

  /** What a node is like is to be asked for again. Nothing is waited for. */
  outdated(node: number): void {
    if (this.#isGone) return;
    try {
      writeSync(this.#fd, inodeInvalid(node));
    } catch {
      // It is not known (any more).
    }
  }

  /**
   * Tells the kernel something unasked; resolves when it has taken it. It may wait for a folder that is locked until one of
   * its own requests is answered: not written from this thread, and only one at a time.
   */
  async notify(notices: readonly Buffer[]): Promise<void> {
    const told = this.#notified.then(async () => {
      for (const notice of notices) await this.#write(notice);
    });
    this.#notified = told;
    await told;
  }

  /** What the kernel does not know any more, it need not be told of. */
  #write(notice: Buffer): Promise<void> {
    if (this.#isClosing || this.#isGone) return Promise.resolve();
    return new Promise((resolve) => write(this.#fd, notice, () => resolve()));
  }

  /** What still uses the mount gets ENOTCONN. */
  [Symbol.dispose](): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const device = this.#device;
    // Until then a notice that is being written may wait for an answer.
    if (device) void this.#notified.finally(() => device.destroy());
    else closeSync(this.#fd);
  }
}

const eio = 5;

async function mount(args: readonly string[], fd: number): Promise<void> {
  const child = spawn('mount', args, { stdio: ['ignore', 'ignore', 'pipe', fd] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = Promise.withResolvers<number | null>();
  child.once('error', ended.reject);
  child.once('close', ended.resolve);
  if ((await ended.promise) !== 0) throw new SystemError(`a folder of the host could not be mounted: ${said.trim()}`);
}

/** Also of one whose server is gone, and that is in use. */
export async function unmount(target: string): Promise<void> {
  await run('umount', ['-l', target]);
}

function parse(bytes: Buffer): FuseRequest {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: Number(bytes.readBigUInt64LE(16)),
    pid: bytes.readUInt32LE(32),
    fields: new StructReader(bytes, headerBytes),
  };
}
