/** Extended attributes by name, with their bytes. */
export type Attributes = ReadonlyMap<string, Buffer>;

const blockBytes = 512;
const prefix = 'SCHILY.xattr.';
/** What one extended header may hold; longer ones are refused by the parser anyway. */
const maxHeaderBytes = 4 * 1024 * 1024;

const padded = (size: number): number => Math.ceil(size / blockBytes) * blockBytes;

/**
 * Reads extended attributes out of a tar that passes by, one answer for each of its entries in order: tar-stream gives
 * them as text, and they need not be text.
 */
export class RawAttributes {
  readonly #found: Array<Attributes | null> = [];
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of content that pass unread. */
  #skip = 0;
  #pending: { attributes: Attributes | null; size: number | null } = { attributes: null, size: null };

  /** To be called before the parser gets the chunk. */
  push(chunk: Buffer): void {
    let data = chunk;
    if (this.#rest.length > 0) data = Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, data.length - at);
      at += skipped;
      this.#skip -= skipped;
      const used = this.#skip === 0 ? this.#header(data, at) : 0;
      if (used === 0) break;
      at += used;
    }
    this.#rest = data.subarray(at);
  }

  /** Of the next entry; null for none. */
  next(): Attributes | null {
    return this.#found.shift() ?? null;
  }

  /** Bytes that were used; 0 when there are not enough yet. */
  #header(data: Buffer, at: number): number {
    if (data.length - at < blockBytes) return 0;
    const header = data.subarray(at, at + blockBytes);
    if (header[0] === 0) return blockBytes;
    const type = String.fromCharCode(header[156] ?? 0);
    const size = sizeIn(header);
    if (type === 'x' && size <= maxHeaderBytes) {
      if (data.length - at < blockBytes + size) return 0;
      this.#pending = parsePax(data.subarray(at + blockBytes, at + blockBytes + size));
      return Math.min(blockBytes + padded(size), this.#keepSkipping(data.length - at, blockBytes + padded(size)));
    }
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') this.#skip = padded(size);
    else this.#entry(type, size);
    return blockBytes;
  }

  /** What is missing of the padding is skipped when it comes. */
  #keepSkipping(there: number, wanted: number): number {
    this.#skip = Math.max(0, wanted - there);
    return Math.min(there, wanted);
  }

  #entry(type: string, size: number): void {
    this.#found.push(this.#pending.attributes);
    const isFolder = type === '5';
    this.#skip = isFolder ? 0 : padded(this.#pending.size ?? size);
    this.#pending = { attributes: null, size: null };
  }
}

/** Octal text, or binary where the first bit says so. */
function sizeIn(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  return parseInt(header.toString('latin1', 124, 136).replace(/\0.*$/, '').trim() || '0', 8);
}

/** Records 'LENGTH KEY=VALUE\n'. */
function parsePax(data: Buffer): { attributes: Attributes | null; size: number | null } {
  const attributes = new Map<string, Buffer>();
  let size: number | null = null;
  for (let at = 0; at < data.length;) {
    const blank = data.indexOf(0x20, at);
    const length = Number(data.toString('latin1', at, blank));
    if (blank === -1 || !(length > 0)) break;
    const equals = data.indexOf(0x3d, blank);
    const key = data.toString('utf8', blank + 1, equals);
    const value = data.subarray(equals + 1, at + length - 1);
    if (key.startsWith(prefix)) attributes.set(key.slice(prefix.length), Buffer.from(value));
    if (key === 'size') size = Number(value.toString('latin1'));
    at += length;
  }
  return { attributes: attributes.size > 0 ? attributes : null, size };
}
