import { BadMessageError } from './packets.ts';
import { attrFlag } from './protocol.ts';

/** What a packet says about a file; absent: nothing. Times are nanoseconds since 1970. */
export interface Attributes {
  size?: number;
  owner?: { uid: number; gid: number };
  permissions?: number;
  times?: { accessedNs: bigint; modifiedNs: bigint };
  /** Only said by the server. */
  identity?: { inode: bigint; links: number; changedNs: bigint };
  /** Only said by the server: who changes it is told of. */
  watched?: boolean;
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
    if (flags & attrFlag.times) attributes.times = { accessedNs: this.#int64(), modifiedNs: this.#int64() };
    if (flags & attrFlag.identity) {
      attributes.identity = { inode: this.#take(8).readBigUInt64BE(), links: this.uint32(), changedNs: this.#int64() };
    }
    if (flags & attrFlag.watched) attributes.watched = true;
    return attributes;
  }

  #int64(): bigint {
    return this.#take(8).readBigInt64BE();
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

function int64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function text(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function attributes({ size, owner, permissions, times, identity, watched }: Attributes): Buffer {
  const flags =
    (size === undefined ? 0 : attrFlag.size) |
    (owner ? attrFlag.owner : 0) |
    (permissions === undefined ? 0 : attrFlag.permissions) |
    (times ? attrFlag.times : 0) |
    (identity ? attrFlag.identity : 0) |
    (watched ? attrFlag.watched : 0);
  return Buffer.concat([
    uint32(flags),
    ...(size === undefined ? [] : [uint64(size)]),
    ...(owner ? [uint32(owner.uid), uint32(owner.gid)] : []),
    ...(permissions === undefined ? [] : [uint32(permissions)]),
    ...(times ? [int64(times.accessedNs), int64(times.modifiedNs)] : []),
    ...(identity ? [uint64(identity.inode), uint32(identity.links), int64(identity.changedNs)] : []),
  ]);
}

/** A whole packet with its length. */
export function packet(type: number, ...fields: readonly Buffer[]): Buffer {
  const length = fields.reduce((sum, field) => sum + field.length, 1);
  return Buffer.concat([uint32(length), Buffer.from([type]), ...fields]);
}
