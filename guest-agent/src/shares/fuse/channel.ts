import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writevSync } from 'node:fs';
import { promisify } from 'node:util';
import { SystemError } from '../../api/errors.ts';
import { answerHeader } from './answers.ts';
import { headerBytes, largestTransferBytes } from './abi.ts';
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

/**
 * The kernel's end of a mounted file system. Node cannot wait on a device file, so dd does and hands over what it reads;
 * answers are written from here, which never blocks.
 */
export class FuseChannel implements Disposable {
  readonly #fd: number;
  readonly #relay: ChildProcess;
  #isClosed = false;

  private constructor(fd: number) {
    this.#fd = fd;
    this.#relay = spawn('dd', [`bs=${readBytes}`], { stdio: [fd, 'pipe', 'ignore'] });
    this.#relay.on('error', () => undefined);
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

  /** Ends when nothing has it mounted any more, or this is disposed of. */
  async *requests(): AsyncGenerator<FuseRequest> {
    const { stdout } = this.#relay;
    if (!stdout) return;
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let length = lengthOf(rest); length !== null; length = lengthOf(rest)) {
        yield parse(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    }
  }

  /** A request that is gone (its process was killed, or the mount) takes no answer. */
  answer({ unique }: FuseRequest, data: readonly Buffer[], errno = 0): void {
    if (this.#isClosed) return;
    const bytes = data.reduce((sum, part) => sum + part.length, 0);
    try {
      writevSync(this.#fd, [answerHeader(unique, bytes, errno), ...data]);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Everything but a request or a mount that is gone is an answer the kernel does not understand.
      if (code === 'EINVAL' && errno === 0) this.answer({ unique } as FuseRequest, [], eio);
    }
  }

  /** What still uses the mount gets ENOTCONN. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#relay.kill('SIGKILL');
    closeSync(this.#fd);
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

/** null: it is not all there. */
function lengthOf(bytes: Buffer): number | null {
  if (bytes.length < headerBytes) return null;
  const length = bytes.readUInt32LE();
  return length <= bytes.length ? length : null;
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
