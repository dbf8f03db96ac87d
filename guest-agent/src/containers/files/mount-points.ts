import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Owner } from '../../userns/id-mapping.ts';
import { PathError } from './errors.ts';
import { inFolder, type RootedWalk, type Place } from './rooted-walk.ts';
import type { Binding, ViewProcess } from './view-process.ts';

/** A mount of a container, as far as its files are concerned. */
export interface Wanted {
  source: string;
  destination: string;
  readOnly: boolean;
  isFolder: boolean;
}

const O_PATH = 0o10000000;

/** The canonical path of a mount's place; what is missing of it is made, as at start. */
export async function makeMountPoint(walk: RootedWalk, { destination, isFolder }: Wanted): Promise<string> {
  try {
    return (await walk.to(destination, { followLast: true })).path;
  } catch (error) {
    if (!(error instanceof PathError) || error.reason !== 'missing') throw error;
  }
  const last = destination.lastIndexOf('/');
  const folders = isFolder ? destination : destination.slice(0, last);
  const place = await walk.to(folders, { followLast: true, makeFolders: true });
  if (isFolder) return place.path;
  await makeFile(place, destination.slice(last + 1), walk.owner);
  return (await walk.to(destination, { followLast: true })).path;
}

async function makeFile({ folder }: Place, name: string, owner: Owner | undefined): Promise<void> {
  try {
    await using file = await open(inFolder(folder, name), constants.O_CREAT | constants.O_EXCL, 0o644);
    if (owner) await file.chown(owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Mounts them, outer ones first: each depth is walked after the one above is in its place. */
export async function bindAll(view: ViewProcess, walk: RootedWalk, wanted: readonly Wanted[]): Promise<void> {
  const levels = Map.groupBy(wanted, ({ destination }) => depth(destination));
  for (const [, level] of [...levels].sort(([a], [b]) => a - b)) {
    await using handles = new AsyncDisposableStack();
    const bindings: Binding[] = [];
    for (const { source, destination, readOnly } of level) {
      const handle = handles.use(await openTarget(walk, destination));
      bindings.push({ source, fd: handle.fd, readOnly });
    }
    await view.bind(bindings);
  }
}

export const depth = (destination: string): number => destination.split('/').filter((part) => part !== '').length;

async function openTarget(walk: RootedWalk, destination: string): Promise<FileHandle> {
  const { folder, name } = await walk.to(destination, { followLast: true });
  return await open(inFolder(folder, name ?? '.'), O_PATH | constants.O_NOFOLLOW);
}
