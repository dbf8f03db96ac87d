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
  readonly children: Map<string, ShareNode>;
  /** Numbers of its open files. */
  readonly handles: Set<number>;
  /** What the file was like when it was opened last: its time and size. */
  version: string;
}

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

  /** The kernel is told of a name once more. A name that stands for another kind of file gets another number. */
  tell(parent: ShareNode, name: string, type: number): ShareNode {
    const known = parent.children.get(name);
    if (known?.type === type) {
      known.lookups += 1;
      return known;
    }
    if (known) this.detach(known);
    const node = newNode((this.#lastId += 1), { parent, name, type });
    node.lookups = 1;
    parent.children.set(name, node);
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
    if (node.parent?.children.get(node.name) === node) node.parent.children.delete(node.name);
    node.parent = null;
  }

  move(node: ShareNode, parent: ShareNode, name: string): void {
    const replaced = parent.children.get(name);
    if (replaced && replaced !== node) this.detach(replaced);
    this.detach(node);
    node.parent = parent;
    node.name = name;
    parent.children.set(name, node);
  }

  /** By its way from the root, if the kernel knows all of it. */
  find(names: readonly string[]): ShareNode | null {
    let node: ShareNode | undefined = this.root;
    for (const name of names) {
      node = node.children.get(name);
      if (!node) return null;
    }
    return node;
  }
}

function newNode(id: number, { parent, name, type }: Pick<ShareNode, 'parent' | 'name' | 'type'>): ShareNode {
  return { id, parent, name, type, lookups: 0, children: new Map(), handles: new Set(), version: '' };
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
