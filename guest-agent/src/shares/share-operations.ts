import { constants } from 'node:fs';
import type { Attributes } from '../api/sftp/index.ts';
import { getattrHandle, keepCache, opcode, renameNoReplace, setattrFlag } from './fuse/abi.ts';
import { attributesOf, directoryEntry, entry, opened, type Validity, written } from './fuse/answers.ts';
import { type StructReader, StructWriter } from './fuse/struct.ts';
import type { HostEntry, HostFolder } from './host-folder.ts';
import { fileType, folderType, type Named, pathOf, type ShareNode, type ShareNodes, typeOf } from './nodes.ts';
import type { OpenFiles } from './open-files.ts';

/** What one request of the kernel's is answered from. */
export interface Asked {
  fields: StructReader;
  node: ShareNode;
  nodes: ShareNodes;
  files: OpenFiles;
  host: HostFolder;
  /** The kernel is to ask again what the node is like. */
  outdated: (node: ShareNode) => void;
}

export type Operation = (asked: Asked) => Promise<Buffer[]>;

/** So long the kernel takes names and attributes for granted of which the host does not tell changes. */
const unwatched: Validity = { s: 0, ns: 300_000_000 };
/** And so long those whose changes it tells, but for what goes unnoticed (by another name, or mapped into memory). */
const watched: Validity = { s: 10, ns: 0 };

/** A file of several names is changed by any of them. */
export function validityOf(attributes: Attributes): Validity {
  const hasOneName = typeOf(attributes.permissions ?? 0) === folderType || attributes.identity?.links === 1;
  return attributes.watched && hasOneName ? watched : unwatched;
}

/** A file no larger than this is read when it is opened. */
const contentBytes = 64 * 1024;
const permissionBits = 0o7777;

/** The kernel's requests as the host's; it answers those that are missing here itself (locks, access) or does without. */
export const operations: Readonly<Record<number, Operation>> = {
  [opcode.lookup]: (asked) => found(asked, asked.fields.name()),
  [opcode.getattr]: getattr,
  [opcode.setattr]: setattr,
  [opcode.readlink]: async ({ node, host }) => [Buffer.from(await host.readlink(nameOf(node)))],
  [opcode.symlink]: symlink,
  [opcode.mknod]: mknod,
  [opcode.mkdir]: mkdir,
  [opcode.unlink]: (asked) => remove(asked, (path) => asked.host.remove(path)),
  [opcode.rmdir]: (asked) => remove(asked, (path) => asked.host.removeFolder(path)),
  [opcode.rename]: (asked) => rename(asked, { hasFlags: false }),
  [opcode.rename2]: (asked) => rename(asked, { hasFlags: true }),
  [opcode.link]: link,
  [opcode.open]: open,
  [opcode.create]: create,
  [opcode.read]: read,
  [opcode.write]: write,
  [opcode.fsync]: async ({ fields, files, host }) => nothing(await host.sync(files.handle(fields.u64()))),
  [opcode.release]: release,
  [opcode.opendir]: async ({ node, files }) => [opened(files.add({ kind: 'folder', node, entries: [] }))],
  [opcode.releasedir]: release,
  [opcode.readdir]: (asked) => readdir(asked, { withAttributes: false }),
  [opcode.readdirplus]: (asked) => readdir(asked, { withAttributes: true }),
  [opcode.statfs]: statfs,
};

const nothing = (_done: void): Buffer[] => [];

/** The host's path of a node, or of a name in it. */
export function nameOf(node: ShareNode, name?: string): string {
  const path = pathOf(node, name);
  if (path === null) throw Object.assign(new Error('it has no name any more'), { code: 'ENOENT' });
  return path;
}

/** Tells the kernel of a name, as it is on the host. */
export async function found({ node: parent, nodes, host }: Asked, name: string): Promise<Buffer[]> {
  const attributes = await host.attributes(nameOf(parent, name));
  return [told(nodes, { parent, name, attributes })];
}

function told(nodes: ShareNodes, named: Named): Buffer {
  return entry(nodes.tell(named).id, named.attributes, validityOf(named.attributes));
}

async function getattr({ node, fields, files, host }: Asked): Promise<Buffer[]> {
  const flags = fields.u32();
  const handle = (flags & getattrHandle) !== 0 ? files.handle(fields.skip(4).u64()) : null;
  const attributes = await attributesNow({ node, files, host }, handle);
  return [attributesOf(node.id, attributes, validityOf(attributes))];
}

/** A file without a name is what it is open as. */
async function attributesNow(
  { node, files, host }: Pick<Asked, 'node' | 'files' | 'host'>,
  handle: Buffer | null,
): Promise<Attributes> {
  const open = handle ?? (pathOf(node) === null ? files.anyOf(node) : null);
  return open ? await host.attributesOf(open) : await host.attributes(nameOf(node));
}

async function setattr({ node, fields, files, host }: Asked): Promise<Buffer[]> {
  const valid = fields.u32();
  const handleNumber = fields.skip(4).u64();
  const handle = valid & setattrFlag.handle ? files.handle(handleNumber) : null;
  const change = await changeOf(valid, fields, () => attributesNow({ node, files, host }, handle));
  const open = handle ?? (pathOf(node) === null ? files.anyOf(node) : null);
  // Both are asked at once: the second sees what the first did.
  const [, attributes] = await Promise.all([
    open ? host.changeOpen(open, change) : host.change(nameOf(node), change),
    open ? host.attributesOf(open) : host.attributes(nameOf(node)),
  ]);
  node.changes += 1;
  return [attributesOf(node.id, attributes, validityOf(attributes))];
}

/** SFTP sets owner and group together, and both times: what is to stay has to be said, too. */
async function changeOf(valid: number, fields: StructReader, now: () => Promise<Attributes>): Promise<Attributes> {
  const size = fields.u64();
  const [accessedS, modifiedS] = [fields.skip(8).i64(), fields.i64()];
  const [accessedNs, modifiedNs] = [fields.skip(8).u32(), fields.u32()];
  const mode = fields.skip(4).u32();
  const [uid, gid] = [fields.skip(4).u32(), fields.u32()];
  const has = (flag: number) => (valid & flag) !== 0;
  const change: Attributes = {};
  if (has(setattrFlag.size)) change.size = size;
  if (has(setattrFlag.mode)) change.permissions = mode & permissionBits;
  const [hasOwner, hasTimes] = [
    has(setattrFlag.uid | setattrFlag.gid),
    has(setattrFlag.accessed | setattrFlag.modified),
  ];
  if (!hasOwner && !hasTimes) return change;
  const { owner, times } = await now();
  if (hasOwner) {
    change.owner = {
      uid: has(setattrFlag.uid) ? uid : (owner?.uid ?? 0),
      gid: has(setattrFlag.gid) ? gid : (owner?.gid ?? 0),
    };
  }
  if (hasTimes) {
    const given = (s: bigint, ns: number, isNow: boolean) =>
      isNow ? BigInt(Date.now()) * 1_000_000n : s * 1_000_000_000n + BigInt(ns);
    change.times = {
      accessedNs: has(setattrFlag.accessed)
        ? given(accessedS, accessedNs, has(setattrFlag.accessedNow))
        : (times?.accessedNs ?? 0n),
      modifiedNs: has(setattrFlag.modified)
        ? given(modifiedS, modifiedNs, has(setattrFlag.modifiedNow))
        : (times?.modifiedNs ?? 0n),
    };
  }
  return change;
}

/** Makes something of a name and tells the kernel of it. */
async function made(asked: Asked, name: string, make: (path: string) => Promise<unknown>): Promise<Buffer[]> {
  const [, answer] = await Promise.all([make(nameOf(asked.node, name)), found(asked, name)]);
  return answer;
}

async function symlink(asked: Asked): Promise<Buffer[]> {
  const [name, target] = [asked.fields.name(), asked.fields.name()];
  return await made(asked, name, (path) => asked.host.symlink(target, path));
}

async function mkdir(asked: Asked): Promise<Buffer[]> {
  const mode = asked.fields.u32();
  const name = asked.fields.skip(4).name();
  return await made(asked, name, (path) => asked.host.makeFolder(path, mode & permissionBits));
}

/** Files only: the host may not know the rest, and a container's pipe is nothing there. */
async function mknod(asked: Asked): Promise<Buffer[]> {
  const mode = asked.fields.u32();
  const name = asked.fields.skip(12).name();
  if (typeOf(mode) !== fileType) throw Object.assign(new Error('not on a host'), { code: 'EPERM' });
  const options = { read: false, write: true, create: true, exclusive: true, mode: mode & permissionBits };
  return await made(asked, name, async (path) => asked.host.close((await asked.host.open(path, options)).handle));
}

async function remove({ node: parent, fields, nodes }: Asked, act: (path: string) => Promise<void>): Promise<Buffer[]> {
  const name = fields.name();
  await act(nameOf(parent, name));
  const node = parent.children.get(name);
  if (node) nodes.detach(node);
  return [];
}

async function rename({ node, fields, nodes, host }: Asked, { hasFlags }: { hasFlags: boolean }): Promise<Buffer[]> {
  const parent = nodes.get(fields.u64());
  const flags = hasFlags ? fields.u32() : 0;
  if (hasFlags) fields.skip(4);
  if ((flags & ~renameNoReplace) !== 0) throw Object.assign(new Error('not by SFTP'), { code: 'EINVAL' });
  const [from, to] = [fields.name(), fields.name()];
  await host.rename(nameOf(node, from), nameOf(parent, to), { replace: (flags & renameNoReplace) === 0 });
  const moved = node.children.get(from);
  if (moved) nodes.move(moved, parent, to);
  if (moved?.type === folderType) void lookAgain(moved, host);
  return [];
}

/** The host watches folders that were looked at, by the names that they had. */
export async function lookAgain(folder: ShareNode, host: HostFolder): Promise<void> {
  const path = pathOf(folder);
  if (path === null) return;
  await host.attributes(path).catch(() => undefined);
  for (const child of folder.children.values()) if (child.type === folderType) await lookAgain(child, host);
}

async function link(asked: Asked): Promise<Buffer[]> {
  const existing = asked.nodes.get(asked.fields.u64());
  const answer = await made(asked, asked.fields.name(), (path) => asked.host.link(nameOf(existing), path));
  asked.outdated(existing);
  return answer;
}

const accessOf = (flags: number) => {
  const access = flags & (constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR);
  return {
    read: access !== constants.O_WRONLY,
    write: access !== constants.O_RDONLY,
    append: (flags & constants.O_APPEND) !== 0,
  };
};

async function open({ node, fields, files, host }: Asked): Promise<Buffer[]> {
  const access = accessOf(fields.u32());
  // What was open before may still be in the kernel's memory.
  const wantedBytes = access.write || node.version !== '' ? 0 : contentBytes;
  const { changes } = node;
  const { handle, attributes, content } = await host.open(nameOf(node), { ...access, contentBytes: wantedBytes });
  const version = `${attributes.times?.modifiedNs}:${attributes.size}`;
  const isUnchanged = version === node.version;
  node.version = version;
  const read = content && { bytes: content, changes, openedMs: Date.now() };
  return [opened(files.add({ kind: 'file', node, handle, content: read }), isUnchanged ? keepCache : 0)];
}

async function create(asked: Asked): Promise<Buffer[]> {
  const { fields, node: parent, nodes, files, host } = asked;
  const [flags, mode] = [fields.u32(), fields.u32()];
  const name = fields.skip(8).name();
  const path = nameOf(parent, name);
  const exclusive = (flags & constants.O_EXCL) !== 0;
  const options = { ...accessOf(flags), create: true, exclusive, mode: mode & permissionBits };
  const { handle, attributes } = await host.open(path, options);
  const node = nodes.tell({ parent, name, attributes });
  return [entry(node.id, attributes, validityOf(attributes)), opened(files.add({ kind: 'file', node, handle }))];
}

async function read({ fields, files, host }: Asked): Promise<Buffer[]> {
  const [number, offset, length] = [fields.u64(), fields.u64(), fields.u32()];
  const content = files.takeContent(number);
  if (content) return [content.subarray(offset, offset + length)];
  return [await host.read(files.handle(number), offset, length)];
}

async function write({ node, fields, files, host }: Asked): Promise<Buffer[]> {
  const [number, offset, length] = [fields.u64(), fields.u64(), fields.u32()];
  node.changes += 1;
  await host.write(files.handle(number), offset, fields.skip(20).rest().subarray(0, length));
  return [written(length)];
}

/** Nobody waits for it, and there is nobody to tell if it fails. */
async function release({ fields, files, host }: Asked): Promise<Buffer[]> {
  const released = files.remove(fields.u64());
  if (released?.kind === 'file' && released.handle) host.close(released.handle).catch(() => undefined);
  return [];
}

async function readdir(
  { node, nodes, fields, files, host }: Asked,
  { withAttributes }: { withAttributes: boolean },
): Promise<Buffer[]> {
  const folder = files.folder(fields.u64());
  const [offset, size] = [fields.u64(), fields.u32()];
  if (offset === 0) folder.entries = [...selfAndParent(node), ...(await host.list(nameOf(node)))];
  const answer: Buffer[] = [];
  let left = size;
  for (let at = offset; at < folder.entries.length; at += 1) {
    const { name, attributes } = folder.entries[at] as HostEntry;
    const type = typeOf(attributes.permissions ?? 0);
    const listed = directoryEntry({ name, offset: at + 1, inode: attributes.identity?.inode ?? 1n, type });
    left -= listed.length + (withAttributes ? entryBytes : 0);
    if (left < 0) break;
    if (withAttributes) answer.push(isDot(name) ? noEntry : told(nodes, { parent: node, name, attributes }));
    answer.push(listed);
  }
  return [Buffer.concat(answer)];
}

const entryBytes = 128;
/** Nothing the kernel has to forget later. */
const noEntry = Buffer.alloc(entryBytes);
const isDot = (name: string): boolean => name === '.' || name === '..';

function selfAndParent({ id, parent }: ShareNode): HostEntry[] {
  const named = (name: string, inode: number): HostEntry => ({
    name,
    attributes: { permissions: folderType, identity: { inode: BigInt(inode), links: 2, changedNs: 0n } },
  });
  return [named('.', id), named('..', parent?.id ?? id)];
}

async function statfs({ node, host }: Asked): Promise<Buffer[]> {
  const { blockBytes, blocks, free, available, files, freeFiles, longestName } = await host.space(nameOf(node));
  const counts = new StructWriter(80).u64(blocks).u64(free).u64(available).u64(files).u64(freeFiles);
  return [counts.u32(blockBytes).u32(longestName).u32(blockBytes).bytes];
}
