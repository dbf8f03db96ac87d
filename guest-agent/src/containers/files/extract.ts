import { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { InvalidParameterError, SystemError } from '../../api/index.ts';
import { decompress, decompressAs, detectCompression } from '../../images/decompress.ts';
import type { Container } from '../container.ts';
import { containerEvent } from '../container-events.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { resolveUser } from '../oci-spec/user.ts';
import { readAccounts } from '../start-steps/read-accounts.ts';
import { cleanPath } from './clean-path.ts';
import { fileError, PathError } from './errors.ts';
import { EntryWriter } from './entry-writer.ts';
import { openFileView } from './file-view.ts';
import { readAhead } from './read-ahead.ts';
import { RawAttributes } from './raw-attributes.ts';
import type { RootedWalk } from './rooted-walk.ts';
import type { FileRequest } from './stat.ts';

const blockBytes = 512;
/** What comes at once and is no more than this is written at once. */
const briefBytes = 256 * 1024;

export interface ExtractRequest extends FileRequest {
  /** A tar, compressed or not. */
  content: Readable;
  /** All that is written belongs to the container's user, instead of to whom the archive says. */
  copyUidGid: boolean;
  /** Refuse to put a folder in a file's place, or a file in a folder's. */
  noOverwriteDirNonDir: boolean;
}

/** PUT /containers/{id}/archive: unpacks a tar into a folder of the container. */
export async function extractFiles(
  deps: ContainerDependencies,
  container: Container,
  request: ExtractRequest,
): Promise<void> {
  try {
    const { head, isWhole } = await readAhead(request.content, briefBytes);
    await using view = await openFileView(deps, container, { withMounts: true, brief: isWhole });
    const target = await findFolder(view.walk, cleanPath(request.path));
    checkWritable(container, target.path);
    const owner = request.copyUidGid ? await ownerOf(deps, container) : null;
    const writer = new EntryWriter(view.walk, { ...request, owner, identity: deps.identity, target: target.path });
    await unpack(await plainTar(head, isWhole ? null : request.content), writer);
    deps.events.publish(containerEvent(container, 'extract-to-dir'));
  } catch (error) {
    // What is left of the archive is read, so that the answer gets through.
    request.content.resume();
    throw fileError(error, request);
  }
}

async function findFolder(walk: RootedWalk, cleaned: string) {
  try {
    const place = await walk.to(cleaned, { followLast: true });
    if (place.name === null) return place;
  } catch (error) {
    if (!(error instanceof PathError) || error.reason !== 'loop') throw error;
    throw new SystemError('EvalSymlinks: too many links', { cause: error });
  }
  throw new InvalidParameterError('extraction point is not a directory');
}

function checkWritable({ record }: Container, path: string): void {
  const within = (destination: string) => path === destination || path.startsWith(`${destination.replace(/\/$/, '')}/`);
  const mount = record.mounts.find(({ type, destination }) => type !== 'tmpfs' && within(destination));
  if (mount && !mount.readWrite) throw new InvalidParameterError('mounted volume is marked read-only');
  if (!mount && record.hostConfig.ReadonlyRootfs)
    throw new InvalidParameterError('container rootfs is marked read-only');
}

async function ownerOf(deps: ContainerDependencies, { id, record }: Container) {
  if (record.config.User === '') return null;
  return resolveUser(record.config.User, [], await readAccounts(await deps.rootfs.mounts(id)));
}

async function unpack(content: Readable, writer: EntryWriter): Promise<void> {
  const parser = extract();
  const attributes = new RawAttributes();
  const feeding = feed(content, parser, attributes);
  feeding.catch(() => undefined);
  try {
    for await (const entry of parser) {
      await writer.write({
        header: entry.header,
        content: entry as unknown as Readable,
        attributes: attributes.next(),
      });
    }
    await feeding;
    await writer.finish();
  } catch (error) {
    throw translated(error as Error);
  } finally {
    await writer.settled();
  }
}

/** Leaves the source alone when the parser has had enough: it may be a connection that waits for an answer. */
async function feed(source: Readable, parser: Extract, attributes: RawAttributes): Promise<void> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      attributes.push(chunk);
      if (!parser.write(chunk)) await drained(parser);
      if (parser.destroyed) return;
    }
    (parser as unknown as NodeJS.WritableStream).end();
  } catch (error) {
    parser.destroy(error as Error);
    throw error;
  }
}

function drained(parser: Extract): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      parser.off('drain', settle).off('close', settle);
      resolve();
    };
    parser.on('drain', settle).on('close', settle);
  });
}

/** The stream itself where it is not compressed: passing it through costs more than anything else here. */
async function plainTar(head: Buffer, rest: Readable | null): Promise<Readable> {
  const whole = rest ?? Readable.from(head.length > 0 ? [head] : []);
  if (head.length < blockBytes) return await decompress(whole);
  if (rest) rest.unshift(head);
  return decompressAs(detectCompression(head), whole);
}

/** tar-stream's words become those of Go's archive/tar. */
function translated(error: Error): Error {
  if (/^Unexpected end of data/.test(error.message)) return new SystemError('unexpected EOF', { cause: error });
  if (/^Invalid tar header/.test(error.message))
    return new SystemError('archive/tar: invalid tar header', { cause: error });
  return error;
}
