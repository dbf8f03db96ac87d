import type { FileChange } from '../api/guest/protocol.ts';
import { fileType, folderType, linkType, type ShareNode } from './nodes.ts';

/** What is done once more in this machine, for its kernel to tell those who watch. */
export type Replay =
  | { kind: 'make'; path: string; type: number }
  | { kind: 'touch'; path: string; type: number }
  | { kind: 'remove'; path: string; type: number }
  | { kind: 'move'; path: string; to: string };

const typeOfKind = { file: fileType, folder: folderType, link: linkType } as const;

/**
 * What to do about changes of the host's. Nobody can watch in a folder that the kernel does not know; what it knows to
 * be there is not made again; and what is gone while the same file is there by another name was moved.
 */
export function replaysOf(told: readonly FileChange[], find: (path: string) => ShareNode | null): Replay[] {
  const changes = told.flatMap((change) => (change.holds ? missingIn(change, find(change.path)) : [change]));
  const seen = changes.filter(({ path }) => find(parentOf(path))?.type === folderType);
  const gone = new Map<string, FileChange>();
  for (const change of seen) {
    const node = change.is === null ? find(change.path) : null;
    if (node) gone.set(`${node.inode}`, change);
  }
  const moves = new Map<FileChange, FileChange>();
  for (const change of seen) {
    const from = change.isName && change.is !== null && !find(change.path) ? gone.get(change.inode) : undefined;
    if (from) moves.set(from, change);
  }
  const moved = new Set(moves.values());
  return seen
    .filter((change) => !moved.has(change))
    .flatMap((change) => {
      const to = moves.get(change);
      return to ? [{ kind: 'move', path: change.path, to: to.path }] : replayOf(change, find(change.path));
    });
}

/** What the kernel knows in a folder, and is not in it any more. */
function missingIn({ path, holds }: FileChange, folder: ShareNode | null): FileChange[] {
  const held = new Set(holds);
  const missing = [...(folder?.children.keys() ?? [])].filter((name) => !held.has(name));
  return missing.map((name) => ({ path: path === '' ? name : `${path}/${name}`, is: null, isName: true, inode: '' }));
}

function replayOf({ path, is, isName }: FileChange, node: ShareNode | null): Replay[] {
  if (is === null) return [{ kind: 'remove', path, type: node?.type ?? fileType }];
  const type = typeOfKind[is];
  if (!node && isName) return [{ kind: 'make', path, type }];
  // Nothing that is done to a link itself is heard of.
  return type === linkType ? [] : [{ kind: 'touch', path, type }];
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** As a line for a shell that has the share at `folder`. */
export function commandOf(replay: Replay, folder: string): string {
  const quoted = (path: string) => `'${`${folder}/${path}`.replaceAll("'", `'\\''`)}'`;
  const path = quoted(replay.path);
  if (replay.kind === 'move') return `mv -T ${path} ${quoted(replay.to)}`;
  const { kind, type } = replay;
  if (kind === 'remove') return `${type === folderType ? 'rmdir' : 'unlink'} ${path}`;
  if (type === fileType) return `true >${path}`;
  if (kind === 'touch') return `chmod 755 ${path}`;
  return type === folderType ? `mkdir ${path}` : `ln -s . ${path}`;
}
