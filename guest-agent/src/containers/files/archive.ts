import { open, type FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { constants } from 'node:fs';
import type { Container } from '../container.ts';
import { containerEvent } from '../container-events.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { baseName, cleanPath } from './clean-path.ts';
import { fileError } from './errors.ts';
import { openFileView } from './file-view.ts';
import type { PathStat } from './path-stat.ts';
import { inFolder, type Place } from './rooted-walk.ts';
import { findPlace, statPlace, type FileRequest } from './stat.ts';
import { packWithTar, renamed, renamedFile, type TarProcess } from './tar-process.ts';

/** A tar on its way. Disposing it stops it, if need be, and lets the container's file system go. */
export interface Archive extends AsyncDisposable {
  readonly stat: PathStat;
  /** Starts it; call once. */
  start(): Promise<ArchiveContent>;
  /** Writes it to a connection, without the bytes passing through here; rejects when it is not complete. */
  sendTo(socket: Socket): Promise<void>;
}

export interface ArchiveContent {
  readonly content: Readable;
  /** Rejects when the archive is not complete. */
  readonly done: Promise<void>;
}

const largeBytes = 1024 * 1024;
const smallBytes = 256 * 1024;
/** A regular file's mode, in Go's notation too, has no more than these (and setuid and the like, which go the long way). */
const permissionBits = 0o777;

/** GET /containers/{id}/archive: a file or a folder as a tar, named as its last part. */
export async function archiveFiles(
  deps: ContainerDependencies,
  container: Container,
  request: FileRequest,
): Promise<Archive> {
  try {
    const archive = (await archiveSmall(deps, container, request)) ?? (await archiveAny(deps, container, request));
    deps.events.publish(containerEvent(container, 'archive-path'));
    return archive;
  } catch (error) {
    throw fileError(error, request);
  }
}

/** A small file, read at once; null for anything else. */
async function archiveSmall(
  deps: ContainerDependencies,
  container: Container,
  request: FileRequest,
): Promise<Archive | null> {
  await using view = await openFileView(deps, container, { withMounts: true, brief: true });
  const cleaned = cleanPath(request.path);
  const stat = await statPlace(view.walk, cleaned, await findPlace(view.walk, cleaned));
  const isFile = stat.mode <= permissionBits;
  if (!isFile || stat.size > smallBytes) return null;
  const tar = await pack(await findPlace(view.walk, cleaned), { cleaned, size: stat.size });
  const chunks: Buffer[] = [];
  try {
    // A file that grows meanwhile is read no further than its size was.
    for await (const chunk of tar.output as AsyncIterable<Buffer>) chunks.push(chunk);
    await tar.done;
  } finally {
    tar.stop();
  }
  return {
    stat,
    start: async () => ({ content: Readable.from(chunks), done: tar.done }),
    async sendTo(socket) {
      socket.write(Buffer.concat(chunks));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function archiveAny(deps: ContainerDependencies, container: Container, request: FileRequest): Promise<Archive> {
  await using stack = new AsyncDisposableStack();
  const view = stack.use(await openFileView(deps, container, { withMounts: true }));
  const cleaned = cleanPath(request.path);
  const place = await findPlace(view.walk, cleaned);
  const hasMounts = place.name === null && view.walk.mountsBelow(place.path).length > 0;
  const stat = await statPlace(view.walk, cleaned, place);
  const walk = hasMounts ? await view.mounted() : view.walk;
  return {
    stat,
    // Walked again: the walk of a link's target has left the place.
    ...tarArchive(stack.move(), async (to) => pack(await findPlace(walk, cleaned), { cleaned, size: stat.size, to })),
  };
}

/** An archive that tar makes once somebody wants it; what it is made of is let go afterwards. */
export function tarArchive(
  resources: AsyncDisposableStack,
  startTar: (to?: Socket) => Promise<TarProcess>,
): Omit<Archive, 'stat'> {
  const start = async (to?: Socket) => {
    const tar = await startTar(to);
    resources.defer(async () => {
      tar.stop();
      await tar.done.catch(() => undefined);
    });
    return tar;
  };
  return {
    async start() {
      const { output, done } = await start();
      return { content: output, done };
    },
    sendTo: async (socket) => (await start(socket)).done,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

interface Packing {
  cleaned: string;
  size: number;
  to?: Socket | undefined;
}

async function pack({ folder, name }: Place, about: Packing): Promise<TarProcess> {
  // The walk's own handles go with it; tar gets the folder itself.
  const handle: FileHandle = await open(inFolder(folder, '.'), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    // A mounted file has another name where it comes from.
    const [asked, own] = [baseName(about.cleaned), name ?? ''];
    const transform = name === null || own === asked ? renamed(name === null ? asked : '') : renamedFile(own, asked);
    const recordBlocks = name === null || about.size > largeBytes ? 128 : 1;
    const tar = packWithTar(`/proc/${process.pid}/fd/${handle.fd}`, { transform, recordBlocks, to: about.to });
    tar.input.end(`./${name ?? ''}\0`);
    return tar;
  } finally {
    await handle.close();
  }
}
