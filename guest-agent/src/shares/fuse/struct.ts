/** Writes a structure of the kernel's, field after field, in this machine's byte order (both of ours are little-endian). */
export class StructWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  u16(value: number): this {
    this.#at = this.bytes.writeUInt16LE(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#at = this.bytes.writeUInt32LE(value >>> 0, this.#at);
    return this;
  }

  i32(value: number): this {
    this.#at = this.bytes.writeInt32LE(value, this.#at);
    return this;
  }

  u64(value: number | bigint): this {
    this.#at = this.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.#at);
    return this;
  }

  raw(bytes: Buffer): this {
    this.#at += bytes.copy(this.bytes, this.#at);
    return this;
  }

  skip(count: number): this {
    this.#at += count;
    return this;
  }
}

/** Reads one, in the same way; throws a RangeError where it ends too early. */
export class StructReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  u16(): number {
    return this.#bytes.readUInt16LE((this.#at += 2) - 2);
  }

  u32(): number {
    return this.#bytes.readUInt32LE((this.#at += 4) - 4);
  }

  u64(): number {
    return Number(this.#bytes.readBigUInt64LE((this.#at += 8) - 8));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64LE((this.#at += 8) - 8);
  }

  skip(count: number): this {
    this.#at += count;
    return this;
  }

  /** Up to a NUL. */
  name(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const name = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return name;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}
