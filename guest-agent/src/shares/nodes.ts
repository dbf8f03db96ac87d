import type { Attributes } from '../api/sftp/index.ts';
import { rootId } from './fuse/abi.ts';

/** A name of the share that the kernel knows, with what it has open of it. */
export interface ShareNode {
  readonly id: number;
  parent: ShareNode | null;
  name: string;
  /** The file type bits of its mode. */
  readonly type: number;
  /** How often the kernel was told of it and has not forgotten it. */
  lookups: number;
  /** Of the file that had the name when the kernel was told last; 0: unknown. */
  inode: bigint;
  children: ReadonlyMap<string, ShareNode>;
  /** Numbers of its open files. */
  handles: ReadonlySet<number>;
  /** What the file was like when it was opened last: its time and size. */
  version: string;
  /** How often this machine has changed the file. */
  changes: number;
}

/** A name in a folder and what the host says of it. */
export interface Named {
  parent: ShareNode;
  name: string;
  attributes: Attributes;
}

interface Place {
  parent: ShareNode;
  name: string;
  type: number;
}

type ChildMap = Map<string, ShareNode>;

/** There may be very many nodes, and few hold anything. */
const noChildren: ReadonlyMap<string, ShareNode> = new Map();
const noHandles: ReadonlySet<number> = new Set();

export const folderType = 0o040000;
export const linkType = 0o120000;
export const fileType = 0o100000;
const typeBits = 0o170000;

export const typeOf = (permissions: number): number => permissions & typeBits;

/** No such node: the kernel asks about what it was never told, or has forgotten. */
export class StaleNodeError extends Error {
  override readonly name = 'StaleNodeError';
  readonly code = 'ESTALE';
}

/**
 * The kernel's numbers for names. A number stands for a name, not for the file that has it at the moment: what the host
 * puts in a file's place is seen by whoever has the old one bound.
 */
export class ShareNodes {
  readonly root = newNode(rootId, { parent: null, name: '', type: folderType });
  readonly #nodes = new Map([[rootId, this.root]]);
  #lastId = rootId;

  get(id: number): ShareNode {
    const node = this.#nodes.get(id);
    if (!node) throw new StaleNodeError(`no node ${id}`);
    return node;
  }

  all(): Iterable<ShareNode> {
    return this.#nodes.values();
  }

  /** The kernel is told of a name once more. A name that stands for another kind of file gets another number. */
  tell({ parent, name, attributes }: Named): ShareNode {
    const type = typeOf(attributes.permissions ?? 0);
    const known = parent.children.get(name);
    const node = known?.type === type ? known : this.#replace(known, { parent, name, type });
    node.lookups += 1;
    node.inode = attributes.identity?.inode ?? node.inode;
    return node;
  }

  #replace(known: ShareNode | undefined, named: Place): ShareNode {
    if (known) this.detach(known);
    const node = newNode((this.#lastId += 1), named);
    addChild(named.parent, node);
    this.#nodes.set(node.id, node);
    return node;
  }

  forget(id: number, lookups: number): void {
    const node = this.#nodes.get(id);
    if (!node || node === this.root) return;
    node.lookups -= lookups;
    if (node.lookups > 0) return;
    this.detach(node);
    this.#nodes.delete(id);
  }

  /** Its name is another's from now on, or nobody's. */
  detach(node: ShareNode): void {
    if (node.parent?.children.get(node.name) === node) (node.parent.children as ChildMap).delete(node.name);
    node.parent = null;
  }

  move(node: ShareNode, parent: ShareNode, name: string): void {
    const replaced = parent.children.get(name);
    if (replaced && replaced !== node) this.detach(replaced);
    this.detach(node);
    node.parent = parent;
    node.name = name;
    addChild(parent, node);
  }

  /** By its path below the root, if the kernel knows all of it. */
  find(path: string): ShareNode | null {
    let node: ShareNode | undefined = this.root;
    for (const name of path === '' ? [] : path.split('/')) {
      node = node.children.get(name);
      if (!node) return null;
    }
    return node;
  }
}

function newNode(
  id: number,
  { parent, name, type }: { parent: ShareNode | null; name: string; type: number },
): ShareNode {
  return {
    id,
    parent,
    name,
    type,
    lookups: 0,
    inode: 0n,
    children: noChildren,
    handles: noHandles,
    version: '',
    changes: 0,
  };
}

function addChild(parent: ShareNode, node: ShareNode): void {
  if (parent.children === noChildren) parent.children = new Map();
  (parent.children as ChildMap).set(node.name, node);
}

export function addHandle(node: ShareNode, handle: number): void {
  node.handles = new Set([...node.handles, handle]);
}

export function removeHandle(node: ShareNode, handle: number): void {
  const left = new Set([...node.handles].filter((other) => other !== handle));
  node.handles = left.size === 0 ? noHandles : left;
}

/** Where it is in the share; null: it has no name any more. */
export function pathOf(node: ShareNode, name?: string): string | null {
  const names = name === undefined ? [] : [name];
  for (let at = node; at.id !== rootId; at = at.parent) {
    names.unshift(at.name);
    if (!at.parent) return null;
  }
  return `/${names.join('/')}`;
}
