import type { Attributes } from '../../api/sftp/index.ts';
import { answerHeaderBytes, expireOnly, notice } from './abi.ts';
import { StructWriter } from './struct.ts';

const attrBytes = 88;
const nsPerSecond = 1_000_000_000n;
const blockBytes = 512;
/** The host's own number says nothing here; programs read in pieces of this. */
const preferredBytes = 65_536;

/** How long the kernel takes something for granted before it asks again. */
export interface Validity {
  s: number;
  ns: number;
}

export function answerHeader(unique: bigint, dataBytes: number, errno: number): Buffer {
  return new StructWriter(answerHeaderBytes)
    .u32(answerHeaderBytes + dataBytes)
    .i32(-errno)
    .u64(unique).bytes;
}

/** fuse_entry_out */
export function entry(id: number, attributes: Attributes, { s, ns }: Validity): Buffer {
  const head = new StructWriter(40).u64(id).skip(8).u64(s).u64(s).u32(ns).u32(ns).bytes;
  return Buffer.concat([head, attr(id, attributes)]);
}

/** fuse_attr_out */
export function attributesOf(id: number, attributes: Attributes, { s, ns }: Validity): Buffer {
  return Buffer.concat([new StructWriter(16).u64(s).u32(ns).bytes, attr(id, attributes)]);
}

/** fuse_attr */
function attr(id: number, { size = 0, owner, permissions = 0, times, identity }: Attributes): Buffer {
  const [accessed, modified] = [times?.accessedNs ?? 0n, times?.modifiedNs ?? 0n];
  const changed = identity?.changedNs ?? modified;
  return new StructWriter(attrBytes)
    .u64(identity?.inode ?? id)
    .u64(size)
    .u64(Math.ceil(size / blockBytes))
    .u64(secondsOf(accessed))
    .u64(secondsOf(modified))
    .u64(secondsOf(changed))
    .u32(fractionOf(accessed))
    .u32(fractionOf(modified))
    .u32(fractionOf(changed))
    .u32(permissions)
    .u32(identity?.links ?? 1)
    .u32(owner?.uid ?? 0)
    .u32(owner?.gid ?? 0)
    .u32(0)
    .u32(preferredBytes).bytes;
}

/** Rounded down, also before 1970: the fraction is never negative. */
const secondsOf = (ns: bigint): bigint => (ns - BigInt(fractionOf(ns))) / nsPerSecond;
const fractionOf = (ns: bigint): number => Number(((ns % nsPerSecond) + nsPerSecond) % nsPerSecond);

/** fuse_open_out */
export const opened = (handle: number, flags = 0): Buffer => new StructWriter(16).u64(handle).u32(flags).bytes;

/** fuse_write_out */
export const written = (bytes: number): Buffer => new StructWriter(8).u32(bytes).bytes;

/** One name of a listing. */
export interface ListedName {
  name: string;
  /** Where the next one is. */
  offset: number;
  inode: bigint;
  /** The file type bits of its mode. */
  type: number;
}

/** fuse_dirent, padded. */
export function directoryEntry({ name, offset, inode, type }: ListedName): Buffer {
  const bytes = Buffer.from(name);
  return new StructWriter(Math.ceil((24 + bytes.length) / 8) * 8)
    .u64(inode)
    .u64(offset)
    .u32(bytes.length)
    .u32(type >>> 12)
    .raw(bytes).bytes;
}

/** fuse_notify_inval_inode_out: what a node is like is to be asked for again. */
export function inodeInvalid(node: number): Buffer {
  return noticeOf(notice.inodeInvalid, new StructWriter(24).u64(node).u64(-1).bytes);
}

/** fuse_notify_inval_entry_out: what a name stands for is to be asked for again. */
export function entryInvalid(parent: number, name: string): Buffer {
  const bytes = Buffer.from(name);
  const head = new StructWriter(16).u64(parent).u32(bytes.length).u32(expireOnly).bytes;
  return noticeOf(notice.entryInvalid, Buffer.concat([head, bytes, Buffer.alloc(1)]));
}

function noticeOf(code: number, data: Buffer): Buffer {
  const head = new StructWriter(answerHeaderBytes).u32(answerHeaderBytes + data.length).i32(code);
  return Buffer.concat([head.bytes, data]);
}
