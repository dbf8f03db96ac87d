import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import type { Attributes } from './raw-attributes.ts';
import { tarEnd, tarHeaders, tarPadding } from './tar-headers.ts';
import { unpackWithTar } from './tar-process.ts';

export interface SpecialEntry {
  header: Header;
  name: string;
  content: Readable;
  attributes: Attributes | null;
  uid: number;
  gid: number;
  mode: number;
  mtimeSeconds: number;
}

/**
 * What Node has no call for, devices and extended attributes, is left to tar: an archive of one entry without a path,
 * unpacked in the folder where it belongs.
 */
export async function writeSpecial(folder: string, entry: SpecialEntry): Promise<void> {
  const tar = unpackWithTar(folder);
  async function* archive(): AsyncGenerator<Buffer> {
    const { header, name } = entry;
    const size = header.type === 'directory' ? 0 : (header.size ?? 0);
    yield tarHeaders({ ...entry, type: header.type ?? 'file', name: path.posix.basename(name), size });
    for await (const chunk of entry.content as AsyncIterable<Buffer>) yield chunk;
    yield tarPadding(size);
    yield tarEnd;
  }
  const feeding = pipeline(archive, tar.input);
  feeding.catch(() => undefined);
  await tar.done;
  await feeding.catch(() => undefined);
}
