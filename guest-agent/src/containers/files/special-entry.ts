import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Header } from 'tar-stream';
import { SystemError } from '../../api/index.ts';
import { unpackWithTar } from './tar-process.ts';

const attributePrefix = 'SCHILY.xattr.';

const attributesOf = (header: Header): Array<[string, string]> =>
  Object.entries((header.pax ?? {}) as Record<string, string>).filter(([key]) => key.startsWith(attributePrefix));

export const hasAttributes = (header: Header): boolean => attributesOf(header).length > 0;

/**
 * What Node has no call for, devices and extended attributes, is left to tar: an archive of one entry without a path,
 * unpacked in the folder where it belongs.
 */
export async function writeSpecial(
  folder: string,
  entry: { header: Header; name: string; content: Readable; uid: number; gid: number },
): Promise<void> {
  const { header, content, uid, gid } = entry;
  const attributes = attributesOf(header);
  const broken = attributes.find(([, value]) => value.includes('\uFFFD'));
  // tar-stream reads all attributes as text; better no file than one with other attributes than it had.
  if (broken) throw new SystemError(`${entry.name}: the binary attribute ${broken[0]} cannot be copied`);
  const tar = unpackWithTar(folder);
  const archive = pack();
  const feeding = pipeline(archive as unknown as Readable, tar.input);
  feeding.catch(() => undefined);
  const name = path.posix.basename(entry.name);
  const sink = archive.entry({ ...header, name, uid, gid, pax: Object.fromEntries(attributes) } as Header);
  await pipeline(content, sink as unknown as NodeJS.WritableStream);
  archive.finalize();
  await tar.done;
}
