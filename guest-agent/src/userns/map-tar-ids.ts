import { SystemError } from '../api/index.ts';
import type { Owner } from './id-mapping.ts';
import { mapRecords, type PaxSays } from './pax-records.ts';
import {
  blockBytes,
  gidAt,
  idBytes,
  namesAt,
  namesEnd,
  readNumber,
  sizeAt,
  sizeBytes,
  sumHeader,
  uidAt,
  writeNumber,
} from './tar-header.ts';

/** A path and some attributes; this is what a hostile archive can make the agent hold. */
const longestRecords = 1024 * 1024;

/** Kinds of headers that stand for no file (POSIX pax, GNU tar). */
const extended = 'x';
const nameless: readonly string[] = ['g', 'L', 'K'];
/** Links, devices, folders and pipes: whatever their size says, nothing follows them. */
const withoutContent = '123456';

/**
 * The same tar with other owners: `map` answers who each entry belongs to, and what it throws ends the stream. Contents
 * pass as they come. Capabilities lose the user namespace that they were given in, as the tar is to be unpacked outside.
 */
export async function* mapTarIds(
  source: AsyncIterable<Uint8Array>,
  map: (owner: Owner) => Owner,
): AsyncGenerator<Buffer, void, void> {
  await using input = new Blocks(source);
  let said: PaxSays = {};
  for (let header = await input.take(blockBytes); header !== null; header = await input.take(blockBytes)) {
    const kind = String.fromCharCode(header[156] ?? 0);
    const size = readNumber(header, sizeAt, sizeBytes);
    if (kind === extended) {
      const records = mapRecords(await recordsIn(input, size));
      said = records.says;
      yield* records.blocks(header);
    } else if (header[0] === 0 || nameless.includes(kind)) {
      yield header;
      yield* input.pass(header[0] === 0 ? 0 : padded(size));
    } else {
      yield mapHeader(header, said, map);
      yield* input.pass(withoutContent.includes(kind) ? 0 : padded(said.size ?? size));
      said = {};
    }
  }
}

const padded = (size: number): number => Math.ceil(size / blockBytes) * blockBytes;

async function recordsIn(input: Blocks, size: number): Promise<Buffer> {
  if (size > longestRecords) throw new SystemError('archive/tar: header field too long');
  const body = await input.take(padded(size));
  if (body === null) throw new SystemError('unexpected EOF');
  return body.subarray(0, size);
}

function mapHeader(header: Buffer, said: PaxSays, map: (owner: Owner) => Owner): Buffer {
  const uid = said.uid ?? readNumber(header, uidAt, idBytes);
  const gid = said.gid ?? readNumber(header, gidAt, idBytes);
  const owner = map({ uid, gid });
  const mapped = Buffer.from(header);
  writeNumber(mapped, uidAt, { bytes: idBytes, value: owner.uid });
  writeNumber(mapped, gidAt, { bytes: idBytes, value: owner.gid });
  // Names would count more than numbers.
  mapped.fill(0, namesAt, namesEnd);
  sumHeader(mapped);
  return mapped;
}

/** Reads a stream in pieces of a size of one's own. */
class Blocks implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; null at the end. */
  async take(size: number): Promise<Buffer | null> {
    while (this.#held.length < size) {
      const more = await this.#read();
      if (more === null) {
        if (this.#held.length === 0) return null;
        throw new SystemError('unexpected EOF');
      }
      this.#held = this.#held.length === 0 ? more : Buffer.concat([this.#held, more]);
    }
    const taken = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return taken;
  }

  async *pass(size: number): AsyncGenerator<Buffer, void, void> {
    for (let left = size; left > 0;) {
      const piece = this.#held.length > 0 ? this.#held : await this.#read();
      if (piece === null) throw new SystemError('unexpected EOF');
      const part = piece.subarray(0, left);
      this.#held = piece.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }

  async #read(): Promise<Buffer | null> {
    const { done, value } = await this.#source.next();
    return done ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
