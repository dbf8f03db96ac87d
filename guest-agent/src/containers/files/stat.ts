import { lstat, readlink } from 'node:fs/promises';
import { SystemError } from '../../api/index.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { baseName, cleanPath } from './clean-path.ts';
import { fileError, PathError } from './errors.ts';
import { openFileView } from './file-view.ts';
import { pathStat, type PathStat } from './path-stat.ts';
import { inFolder, type Place, type RootedWalk } from './rooted-walk.ts';

export interface FileRequest {
  /** As the client wrote it. */
  path: string;
  /** The container as the client named it. */
  reference: string;
}

/** HEAD /containers/{id}/archive. NotFoundError `Could not find the file X in container Y`. */
export async function statFile(
  deps: ContainerDependencies,
  container: Container,
  request: FileRequest,
): Promise<PathStat> {
  try {
    await using view = await openFileView(deps, container, { withMounts: true, brief: true });
    const cleaned = cleanPath(request.path);
    return await statPlace(view.walk, cleaned, await findPlace(view.walk, cleaned));
  } catch (error) {
    throw fileError(error, request);
  }
}

/** Where a cleaned path is, without following a link at its end unless it asks for what is inside. */
export async function findPlace(walk: RootedWalk, cleaned: string): Promise<Place> {
  const wantsFolder = cleaned.endsWith('/') || cleaned.endsWith('/.');
  try {
    const place = await walk.to(cleaned, { followLast: wantsFolder });
    if (wantsFolder && place.name !== null) throw new PathError('not-a-directory');
    return place;
  } catch (error) {
    if (!(error instanceof PathError) || error.reason === 'missing') throw error;
    throw new SystemError(`lstat ${cleaned}: ${error.message}`, { cause: error });
  }
}

export async function statPlace(walk: RootedWalk, cleaned: string, { folder, name }: Place): Promise<PathStat> {
  const stats = await lstat(inFolder(folder, name ?? '.'), { bigint: true });
  const linkTarget = stats.isSymbolicLink() ? await linkTargetOf(walk, cleaned) : '';
  return pathStat(stats, { name: baseName(cleaned), linkTarget });
}

/** Where the link leads in the end; of a broken one, where it would lead. */
async function linkTargetOf(walk: RootedWalk, link: string): Promise<string> {
  let path = link;
  for (let links = 0; links < 255; links++) {
    try {
      return (await walk.to(path, { followLast: true })).path;
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      if (error.reason === 'loop') break;
      const place = await walk.to(path, { followLast: false }).catch(() => null);
      if (!place || place.name === null) return path;
      const target = await readlink(inFolder(place.folder, place.name)).catch(() => null);
      if (target === null) return place.path;
      path = cleanPath(target.startsWith('/') ? target : `${place.path}/../${target}`);
    }
  }
  throw new SystemError(`evalSymlinksInScope: too many links in ${link}`);
}
