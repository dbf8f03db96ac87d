import { SystemError } from '../api/errors.ts';

const blockBytes = 512;
/** Of an extended header; names and attributes are far smaller. */
const mostExtendedBytes = 1024 * 1024;

/** Fields of a ustar header: offset and length (POSIX.1-2024, pax, "ustar Interchange Format"). */
const field = { uid: [108, 8], gid: [116, 8], size: [124, 12], checksum: [148, 8], names: [265, 64] } as const;
const typeOffset = 156;
const types = (letters: string): ReadonlySet<number> => new Set([...letters].map((letter) => letter.charCodeAt(0)));
const extended = types('xg');
const longNames = types('LK');
const ownerRecord = /^(?:uid|gid|uname|gname)=/;

/** Links, devices, folders and pipes: whatever their size says, nothing follows them. */
const headerOnly = types('123456');

/**
 * The same tar archive with everything owned by root, whoever owned it where the client made it: a Dockerfile's COPY
 * and ADD give files to root unless they are told otherwise. Contents pass through as they are.
 */
export async function* ownedByRoot(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  await using blocks = new Blocks(archive);
  let sizeToCome: number | null = null;
  for (let header = await blocks.take(blockBytes); header !== null; header = await blocks.take(blockBytes)) {
    const type = header[typeOffset] ?? 0;
    if (header.every((byte) => byte === 0)) {
      yield header;
      return yield* blocks.rest();
    }
    if (extended.has(type)) {
      const records = recordsOf(await blocks.whole(sizeOf(header)));
      sizeToCome = sizeIn(records) ?? sizeToCome;
      yield extendedHeader(header, records);
    } else {
      yield rootHeader(header);
      yield* blocks.pass(headerOnly.has(type) ? 0 : padded(sizeToCome ?? sizeOf(header)));
      // A long name of GNU's stands between an extended header and its file.
      if (!longNames.has(type)) sizeToCome = null;
    }
  }
}

const padded = (size: number): number => Math.ceil(size / blockBytes) * blockBytes;

/** Octal digits, or a big-endian number whose first bit is set. */
function sizeOf(header: Buffer): number {
  const [offset, length] = field.size;
  const bytes = header.subarray(offset, offset + length);
  const first = bytes[0] ?? 0;
  const size =
    (first & 0x80) === 0
      ? parseInt(bytes.toString('latin1').replace(/\0.*$/s, '').trim() || '0', 8)
      : Number(BigInt(`0x${bytes.toString('hex')}`) & ((1n << 95n) - 1n));
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new SystemError('archive/tar: invalid tar header');
}

function rootHeader(header: Buffer): Buffer {
  const copy = Buffer.from(header);
  for (const place of [field.uid, field.gid]) writeOctal(copy, place, 0);
  copy.fill(0, field.names[0], field.names[0] + field.names[1]);
  return withChecksum(copy);
}

function writeOctal(header: Buffer, [offset, length]: readonly [number, number], value: number): void {
  header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
}

/** The sum of all bytes, where the sum itself counts as blanks. */
function withChecksum(header: Buffer): Buffer {
  const [offset, length] = field.checksum;
  header.fill(' ', offset, offset + length);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset, 'latin1');
  return header;
}

/** An extended header's records: `LENGTH KEY=VALUE\n`, LENGTH counting all of it. */
function recordsOf(content: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(' ', at);
    const length = Number(content.toString('latin1', at, Math.max(blank, at)));
    if (blank < at || !(length > blank - at) || at + length > content.length)
      throw new SystemError('archive/tar: invalid tar header');
    records.push(content.subarray(at, at + length));
    at += length;
  }
  return records;
}

const withoutLength = (record: Buffer): string => record.toString('latin1', record.indexOf(' ') + 1);

/** null: the next header says it itself. */
function sizeIn(records: readonly Buffer[]): number | null {
  const size = records.map(withoutLength).findLast((record) => record.startsWith('size='));
  return size === undefined ? null : Number(size.slice('size='.length));
}

function extendedHeader(header: Buffer, records: readonly Buffer[]): Buffer {
  const kept = Buffer.concat(records.filter((record) => !ownerRecord.test(withoutLength(record))));
  const sized = Buffer.from(header);
  writeOctal(sized, field.size, kept.length);
  return Buffer.concat([rootHeader(sized), kept], blockBytes + padded(kept.length));
}

/** The archive, cut anew. */
class Blocks implements AsyncDisposable {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(archive: AsyncIterable<Buffer>) {
    this.#source = archive[Symbol.asyncIterator]();
  }

  /** null at the end. */
  async take(bytes: number): Promise<Buffer | null> {
    while (this.#rest.length < bytes) {
      const { value, done } = await this.#source.next();
      if (done === true) {
        if (this.#rest.length === 0) return null;
        throw new SystemError('unexpected EOF');
      }
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  /** An extended header's content, without what fills its last block. */
  async whole(size: number): Promise<Buffer> {
    if (size > mostExtendedBytes) throw new SystemError('archive/tar: header is too long');
    const content = size === 0 ? Buffer.alloc(0) : await this.take(padded(size));
    if (content === null) throw new SystemError('unexpected EOF');
    return content.subarray(0, size);
  }

  async *pass(bytes: number): AsyncGenerator<Buffer, void, void> {
    let left = bytes;
    while (left > 0) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#next();
      const part = chunk.subarray(0, left);
      this.#rest = chunk.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async *rest(): AsyncGenerator<Buffer, void, void> {
    if (this.#rest.length > 0) yield this.#rest;
    for (let next = await this.#source.next(); next.done !== true; next = await this.#source.next()) yield next.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#source.next();
    if (done === true) throw new SystemError('unexpected EOF');
    return value;
  }
}
