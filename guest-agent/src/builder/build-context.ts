import path from 'node:path';
import { Readable } from 'node:stream';
import { SystemError } from '../api/errors.ts';
import { readAhead } from '../containers/files/read-ahead.ts';
import { decompress } from '../images/decompress.ts';
import type { BuildRequest } from './build-request.ts';
import { mapTarIds } from '../userns/map-tar-ids.ts';

const blockBytes = 512;
/** A Dockerfile's COPY and ADD give files to root unless they are told otherwise. */
const ownedByRoot = () => ({ uid: 0, gid: 0 });

/**
 * The archive of a context as BuildKit is to have it: not compressed and, for the classic builder's clients, all of it
 * root's. One without any entry is refused, as it has no Dockerfile either.
 */
export async function openContext(
  source: Readable,
  { dockerfile, version }: Pick<BuildRequest, 'dockerfile' | 'version'>,
): Promise<Readable> {
  refuseOutside(dockerfile);
  const archive = await decompress(source);
  const { head, isWhole } = await readAhead(archive, blockBytes);
  if (head.subarray(0, blockBytes).every((byte) => byte === 0)) {
    throw new SystemError(`Cannot locate specified Dockerfile: ${dockerfile}`);
  }
  const rest = isWhole ? Readable.from([head]) : archive;
  if (!isWhole) archive.unshift(head);
  return version === 2 ? rest : Readable.from(mapTarIds(rest, ownedByRoot), { objectMode: false });
}

function refuseOutside(dockerfile: string): void {
  if (path.posix.normalize(dockerfile).split('/')[0] !== '..') return;
  throw new SystemError(`forbidden path outside the build context: ${dockerfile} ()`);
}
