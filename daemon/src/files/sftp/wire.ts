import { BadMessageError } from '@berth/guest-agent/api';
import { attrFlag } from './protocol.ts';

/** What a request says about a file; absent: nothing. Times are in whole seconds. */
export interface Attributes {
  size?: number;
  owner?: { uid: number; gid: number };
  permissions?: number;
  times?: { accessed: number; modified: number };
}

/** Takes the fields of one packet in turn; throws {@link BadMessageError} where it is shorter than it says. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint8(): number {
    return this.#take(1).readUInt8();
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  uint64(): number {
    return Number(this.#take(8).readBigUInt64BE());
  }

  bytes(): Buffer {
    return this.#take(this.uint32());
  }

  text(): string {
    return this.bytes().toString();
  }

  attributes(): Attributes {
    const flags = this.uint32();
    const attributes: Attributes = {};
    if (flags & attrFlag.size) attributes.size = this.uint64();
    if (flags & attrFlag.owner) attributes.owner = { uid: this.uint32(), gid: this.uint32() };
    if (flags & attrFlag.permissions) attributes.permissions = this.uint32();
    if (flags & attrFlag.times) attributes.times = { accessed: this.uint32(), modified: this.uint32() };
    return attributes;
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new BadMessageError('a packet ends before its fields do');
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function text(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function attributes({ size, owner, permissions, times }: Attributes): Buffer {
  const flags =
    (size === undefined ? 0 : attrFlag.size) |
    (owner ? attrFlag.owner : 0) |
    (permissions === undefined ? 0 : attrFlag.permissions) |
    (times ? attrFlag.times : 0);
  return Buffer.concat([
    uint32(flags),
    ...(size === undefined ? [] : [uint64(size)]),
    ...(owner ? [uint32(owner.uid), uint32(owner.gid)] : []),
    ...(permissions === undefined ? [] : [uint32(permissions)]),
    ...(times ? [uint32(times.accessed), uint32(times.modified)] : []),
  ]);
}

/** A whole packet with its length. */
export function packet(type: number, ...fields: readonly Buffer[]): Buffer {
  const length = fields.reduce((sum, field) => sum + field.length, 1);
  return Buffer.concat([uint32(length), Buffer.from([type]), ...fields]);
}
