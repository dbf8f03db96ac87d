import os from 'node:os';
import type { FileChange } from '../api/guest/protocol.ts';
import type { Logger } from '../logger.ts';
import { largestTransferBytes } from '../api/sftp/index.ts';
import { initFlag, major, minor, opcode } from './fuse/abi.ts';
import { entryInvalid, inodeInvalid } from './fuse/answers.ts';
import type { FuseChannel, FuseRequest } from './fuse/channel.ts';
import { StructWriter } from './fuse/struct.ts';
import type { HostFolder } from './host-folder.ts';
import { type ShareNode, ShareNodes } from './nodes.ts';
import { OpenFiles } from './open-files.ts';
import { replayOperations } from './replay-operations.ts';
import type { Replayer } from './replayer.ts';
import { parentOf, replaysOf } from './replays.ts';
import { type Asked, lookAgain, operations } from './share-operations.ts';

export interface ShareFileSystemOptions {
  channel: FuseChannel;
  host: HostFolder;
  replayer: Replayer;
  log: Logger;
}

/** So many requests the kernel may have open that no process waits for (reading ahead). */
const maxBackground = 16;
const pageBytes = 4096;

/** A share as the kernel's file system: answers its requests from the host's folder. */
export class ShareFileSystem {
  readonly #options: ShareFileSystemOptions;
  readonly #nodes = new ShareNodes();
  readonly #files = new OpenFiles();

  constructor(options: ShareFileSystemOptions) {
    this.#options = options;
  }

  /** Others than this machine changed the share: tells those who watch. One call at a time. */
  async changed(changes: readonly FileChange[]): Promise<void> {
    const find = (path: string) => this.#nodes.find(path);
    await this.#options.channel.notify(changes.flatMap((change) => noticesOf(change, find)));
    await this.#options.replayer.run(replaysOf(changes, find));
  }

  /** Asks for every folder that the kernel knows, for a new server to watch it. */
  async lookAgain(): Promise<void> {
    // Nobody told what happened before it.
    await this.#options.channel.notify([...this.#nodes.all()].flatMap(noticesOfNode));
    await lookAgain(this.#nodes.root, this.#options.host);
  }

  /** Resolves when the mount is gone. */
  async run(): Promise<void> {
    await this.#options.channel.serve((request) => this.#take(request));
  }

  #take(request: FuseRequest): void {
    if (request.opcode === opcode.forget) return this.#nodes.forget(request.node, request.fields.u64());
    if (request.opcode === opcode.batchForget) return this.#forgetAll(request);
    if (request.opcode === opcode.init) return this.#options.channel.answer(request, [introduction(request)]);
    void this.#answer(request);
  }

  async #answer(request: FuseRequest): Promise<void> {
    const { channel, host, log } = this.#options;
    try {
      const [nodes, files] = [this.#nodes, this.#files];
      const outdated = ({ id }: ShareNode) => channel.outdated(id);
      const asked = { fields: request.fields, node: nodes.get(request.node), nodes, files, host, outdated };
      channel.answer(request, await this.#operate(request, asked));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === null) log.warn({ err: error, opcode: request.opcode }, 'a request for a file of the host failed');
      channel.answer(request, [], errno ?? os.constants.errno.EIO);
    }
  }

  /** What the replayer asks for never becomes more than a question to the host. */
  async #operate(request: FuseRequest, asked: Asked): Promise<Buffer[]> {
    const { replayer } = this.#options;
    if (replayer.asks(request.pid)) return await known(replayOperations, request)(asked, replayer);
    return await known(operations, request)(asked);
  }

  #forgetAll({ fields }: FuseRequest): void {
    const count = fields.u32();
    fields.skip(4);
    for (let left = count; left > 0; left -= 1) this.#nodes.forget(fields.u64(), fields.u64());
  }
}

/** What the kernel is not to take for granted any more. */
function noticesOf({ path, isName, holds }: FileChange, find: (path: string) => ShareNode | null): Buffer[] {
  const [node, parent] = [find(path), path === '' ? null : find(parentOf(path))];
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [
    ...(node ? [inodeInvalid(node.id)] : []),
    ...(parent && isName ? [entryInvalid(parent.id, name), inodeInvalid(parent.id)] : []),
    ...(node && holds ? [...node.children.values()].flatMap(noticesOfNode) : []),
  ];
}

function noticesOfNode({ id, parent, name }: ShareNode): Buffer[] {
  return parent ? [inodeInvalid(id), entryInvalid(parent.id, name)] : [inodeInvalid(id)];
}

function known<T>(all: Readonly<Record<number, T>>, request: FuseRequest): T {
  const operation = all[request.opcode];
  if (!operation) throw Object.assign(new Error('no such request here'), { code: 'ENOSYS' });
  return operation;
}

/** fuse_init_out */
function introduction({ fields }: FuseRequest): Buffer {
  const readAheadBytes = fields.skip(8).u32();
  const wanted =
    initFlag.asyncRead |
    initFlag.bigWrites |
    initFlag.autoInvalidateData |
    initFlag.readdirplus |
    initFlag.readdirplusAuto |
    initFlag.parallelDirectoryOperations |
    initFlag.maxPages;
  return new StructWriter(64)
    .u32(major)
    .u32(minor)
    .u32(readAheadBytes)
    .u32(fields.u32() & wanted)
    .u16(maxBackground)
    .u16(Math.floor((maxBackground * 3) / 4))
    .u32(largestTransferBytes)
    .u32(1)
    .u16(largestTransferBytes / pageBytes).bytes;
}

/** null: no error of a system's. */
function errnoOf(error: unknown): number | null {
  const { code } = error as { code?: unknown };
  const known: Readonly<Record<string, number>> = os.constants.errno;
  return typeof code === 'string' ? (known[code] ?? null) : null;
}
