import type { Attributes } from '../api/sftp/index.ts';
import { opcode } from './fuse/abi.ts';
import { attributesOf, entry, opened } from './fuse/answers.ts';
import { fileType, folderType, typeOf } from './nodes.ts';
import type { Replay } from './replays.ts';
import { type Asked, found, lookAgain, nameOf, operations, validityOf } from './share-operations.ts';

/** What is being repeated at a path. */
export interface Replays {
  at(path: string): Replay | undefined;
}

export type ReplayOperation = (asked: Asked, replays: Replays) => Promise<Buffer[]>;

/** For one moment. */
const notValid = { s: 0, ns: 0 };

/**
 * The same requests where they only repeat what happened on the host. None of them reaches it with more than a question:
 * what has happened there since can neither be undone nor done twice.
 */
export const replayOperations: Readonly<Record<number, ReplayOperation>> = {
  [opcode.lookup]: lookup,
  [opcode.getattr]: (asked) => ask(opcode.getattr, asked),
  [opcode.setattr]: attributesAsked,
  [opcode.symlink]: (asked) => found(asked, asked.fields.name()),
  [opcode.mkdir]: (asked) => found(asked, asked.fields.skip(8).name()),
  [opcode.create]: create,
  [opcode.open]: async ({ node, files }) => [opened(files.add({ kind: 'file', node, handle: null }))],
  [opcode.release]: (asked) => ask(opcode.release, asked),
  [opcode.unlink]: async () => [],
  [opcode.rmdir]: async () => [],
  [opcode.rename]: (asked) => move(asked, 8),
  [opcode.rename2]: (asked) => move(asked, 16),
};

const ask = (code: number, asked: Asked): Promise<Buffer[]> =>
  (operations[code] as (asked: Asked) => Promise<Buffer[]>)(asked);

async function attributesAsked({ node, host }: Asked): Promise<Buffer[]> {
  const attributes = await host.attributes(nameOf(node));
  return [attributesOf(node.id, attributes, validityOf(attributes))];
}

/** What was made is not there before it is made here; what is gone is there until it is removed here. */
async function lookup(asked: Asked, replays: Replays): Promise<Buffer[]> {
  const { node: parent, nodes, fields } = asked;
  const name = fields.name();
  const replay = replays.at(nameOf(parent, name).slice(1));
  if (replay?.kind === 'make') throw Object.assign(new Error('it is made now'), { code: 'ENOENT' });
  if (!replay || replay.kind === 'touch') return await found(asked, name);
  const attributes = await formerAttributes(asked, name, replay);
  return [entry(nodes.tell({ parent, name, attributes }).id, attributes, notValid)];
}

/** Who has it open goes on to see it as it is. */
async function formerAttributes({ node, files, host }: Asked, name: string, replay: Replay): Promise<Attributes> {
  const known = node.children.get(name);
  const open = known && files.anyOf(known);
  if (open) return await host.attributesOf(open);
  if (replay.kind === 'move') return await host.attributes(`/${replay.to}`);
  return { permissions: (known?.type ?? replay.type) | 0o600, size: 0 };
}

async function create({ node: parent, nodes, files, host, fields }: Asked): Promise<Buffer[]> {
  const name = fields.skip(16).name();
  const attributes = await host.attributes(nameOf(parent, name));
  if (typeOf(attributes.permissions ?? 0) !== fileType) throw Object.assign(new Error('no file'), { code: 'EIO' });
  const node = nodes.tell({ parent, name, attributes });
  return [entry(node.id, attributes, validityOf(attributes)), opened(files.add({ kind: 'file', node, handle: null }))];
}

async function move({ node, nodes, fields, host }: Asked, skipped: number): Promise<Buffer[]> {
  const parent = nodes.get(fields.u64());
  const [from, to] = [fields.skip(skipped - 8).name(), fields.name()];
  const moved = node.children.get(from);
  if (moved) nodes.move(moved, parent, to);
  if (moved?.type === folderType) void lookAgain(moved, host);
  return [];
}
