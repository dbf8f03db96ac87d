import { once } from 'node:events';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SystemError } from '../api/errors.ts';
import { unpackWithTar, type TarProcess } from '../containers/files/tar-process.ts';
import { decompress } from '../images/decompress.ts';
import { resolveInRoot } from '../storage/rooted-path.ts';

const defaultDockerfile = 'Dockerfile';

/**
 * Unpacks a context, however it is compressed, as it arrives. tar makes links that lead out of the folder last, so
 * that nothing is written through them, and refuses names with `..`.
 */
export async function unpackContext(source: Readable, folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const leave = () => source.destroy(new SystemError('the build was cancelled'));
  signal.throwIfAborted();
  signal.addEventListener('abort', leave, { once: true });
  try {
    await unpackAll(await decompress(source), folder);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function unpackAll(archive: Readable, folder: string): Promise<void> {
  const first = await firstChunk(archive);
  if (first === null) return;
  archive.unshift(first);
  const tar = unpackWithTar(folder);
  tar.output.resume();
  // tar ends at the archive's end mark or at an error: what follows is read and dropped.
  tar.input.once('close', () => archive.resume());
  const [sent, unpacked] = await Promise.allSettled([sendAll(archive, tar), tar.done]);
  if (sent.status === 'rejected') {
    throw new SystemError((sent.reason as Error).message, { cause: sent.reason });
  }
  if (unpacked.status === 'rejected') throw unpacked.reason;
}

/** A source that breaks off takes tar with it; tar may end before the source does. */
async function sendAll(archive: Readable, tar: TarProcess): Promise<void> {
  const ended = finished(archive);
  ended.catch(() => tar.stop());
  archive.pipe(tar.input);
  await ended;
}

/** null at the end. */
async function firstChunk(stream: Readable): Promise<Buffer | null> {
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (stream.readableEnded) return null;
    await Promise.race([once(stream, 'readable'), once(stream, 'end')]);
  }
}

/** The Dockerfile's name in the context; refuses one that is not there. */
export async function locateDockerfile(folder: string, name: string): Promise<string> {
  if (path.posix.normalize(name).split('/')[0] === '..') {
    throw new SystemError(`forbidden path outside the build context: ${name} (${folder})`);
  }
  if (await isThere(folder, name)) return name;
  const lowerCase = name.toLowerCase();
  if (name === defaultDockerfile && (await isThere(folder, lowerCase))) return lowerCase;
  throw new SystemError(`Cannot locate specified Dockerfile: ${name}`);
}

async function isThere(folder: string, name: string): Promise<boolean> {
  const found = await resolveInRoot(folder, name);
  return (
    found !== null &&
    (await lstat(found).then(
      (stats) => !stats.isDirectory(),
      () => false,
    ))
  );
}
