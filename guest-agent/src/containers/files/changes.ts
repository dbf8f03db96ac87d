import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { layersOf } from '../start-steps/read-accounts.ts';
import { PathError } from './errors.ts';
import { openFileView } from './file-view.ts';
import { inFolder, RootedWalk } from './rooted-walk.ts';
import { ViewProcess } from './view-process.ts';

const kinds = { modified: 0, added: 1, deleted: 2 } as const;

export interface FileChange {
  Path: string;
  /** 0 modified, 1 added, 2 deleted. */
  Kind: number;
}

/** GET /containers/{id}/changes: what differs from the container's image; null when nothing does. */
export async function listChanges(deps: ContainerDependencies, container: Container): Promise<FileChange[] | null> {
  await using stack = new AsyncDisposableStack();
  const view = stack.use(await openFileView(deps, container, { withMounts: false }));
  const parent = stack.use(await deps.rootfs.parentView(container.id));
  await mkdir(deps.root.mounts, { recursive: true, mode: 0o700 });
  const lowerView = stack.use(await ViewProcess.start(parent.mounts, deps.root.mounts));
  const [upperFolder = ''] = layersOf(await deps.rootfs.mounts(container.id));
  const trees = {
    upper: stack.use(await RootedWalk.open(upperFolder)),
    merged: view.walk,
    lower: stack.use(await RootedWalk.open(lowerView.root)),
  };
  const changes = await compareFolder(trees, '');
  return changes.length > 0 ? changes : null;
}

export interface Trees {
  /** The overlay's writable layer alone: only what is in here can have changed. */
  upper: RootedWalk;
  /** What the container sees. */
  merged: RootedWalk;
  /** What it started from. */
  lower: RootedWalk;
}

/** Changes inside a folder ('' for the root), sorted; the folder itself is its parent's. */
export async function compareFolder(trees: Trees, folder: string): Promise<FileChange[]> {
  const old = new Set(await namesIn(trees.lower, folder));
  const now = new Set(await namesIn(trees.merged, folder));
  const touched = (await namesIn(trees.upper, folder)).filter((name) => now.has(name));
  const gone = [...old].filter((name) => !now.has(name));
  const changes: FileChange[] = [];
  for (const name of [...touched, ...gone].sort()) {
    const path = `${folder}/${name}`;
    if (!now.has(name)) changes.push({ Path: path, Kind: kinds.deleted });
    else changes.push(...(await compareEntry(trees, path)));
  }
  return changes;
}

async function compareEntry(trees: Trees, path: string): Promise<FileChange[]> {
  const [now, old] = [await statIn(trees.merged, path), await statIn(trees.lower, path)];
  if (!now) return old ? [{ Path: path, Kind: kinds.deleted }] : [];
  const inside = now.isDirectory() ? await compareFolder(trees, path) : [];
  if (!old) return [{ Path: path, Kind: kinds.added }, ...inside];
  const isChanged = differs(now, old) || inside.length > 0;
  return isChanged ? [{ Path: path, Kind: kinds.modified }, ...inside] : [];
}

/** A folder's time and size say nothing. */
function differs(now: BigIntStats, old: BigIntStats): boolean {
  if (now.mode !== old.mode || now.uid !== old.uid || now.gid !== old.gid || now.rdev !== old.rdev) return true;
  return !now.isDirectory() && (now.mtimeNs !== old.mtimeNs || now.size !== old.size);
}

async function statIn(walk: RootedWalk, path: string): Promise<BigIntStats | null> {
  try {
    const { folder, name } = await walk.to(path, { followLast: false });
    return await lstat(inFolder(folder, name ?? '.'), { bigint: true });
  } catch (error) {
    return ignoreMissing(error);
  }
}

/** Nothing for what is no folder. */
async function namesIn(walk: RootedWalk, path: string): Promise<string[]> {
  try {
    const { folder, name } = await walk.to(path, { followLast: false });
    return name === null ? await readdir(inFolder(folder, '.')) : [];
  } catch (error) {
    return ignoreMissing(error) ?? [];
  }
}

function ignoreMissing(error: unknown): null {
  if (error instanceof PathError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
