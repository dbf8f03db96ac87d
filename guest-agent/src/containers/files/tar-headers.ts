import type { Attributes } from './raw-attributes.ts';
import type { Header } from 'tar-stream';

export interface TarEntry {
  /** In bytes, without a path. */
  name: string;
  type: NonNullable<Header['type']>;
  header: Partial<Pick<Header, 'linkname' | 'devmajor' | 'devminor'>>;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtimeSeconds: number;
  attributes: Attributes | null;
}

const blockBytes = 512;
const typeFlags: Readonly<Record<string, string>> = {
  file: '0',
  'contiguous-file': '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);
export const tarPadding = (size: number): Buffer => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

/** The headers of an entry: an extended one, which holds what is long or binary, and the plain one. */
export function tarHeaders(entry: TarEntry): Buffer {
  const records = [
    record('path', Buffer.from(entry.name)),
    record('size', Buffer.from(String(entry.size))),
    record('mtime', Buffer.from(String(entry.mtimeSeconds))),
    record('uid', Buffer.from(String(entry.uid))),
    record('gid', Buffer.from(String(entry.gid))),
    ...(entry.header.linkname ? [record('linkpath', Buffer.from(entry.header.linkname))] : []),
    ...[...(entry.attributes ?? [])].map(([name, value]) => record(`SCHILY.xattr.${name}`, value)),
  ];
  const extended = Buffer.concat(records);
  return Buffer.concat([
    plainHeader({ typeFlag: 'x', size: extended.length, mode: 0o644 }),
    extended,
    tarPadding(extended.length),
    plainHeader({
      typeFlag: typeFlags[entry.type] ?? '0',
      size: entry.size,
      mode: entry.mode,
      major: entry.header.devmajor ?? 0,
      minor: entry.header.devminor ?? 0,
    }),
  ]);
}

/** 'LENGTH KEY=VALUE\n', where the length counts itself. */
export function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface Plain {
  typeFlag: string;
  size: number;
  mode: number;
  major?: number;
  minor?: number;
}

/** What does not fit stands in the extended header. */
function plainHeader({ typeFlag, size, mode, major = 0, minor = 0 }: Plain): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0').slice(-digits), at, 'latin1');
  header.write('entry', 0, 'latin1');
  octal(mode & 0o7777, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.write('        ', 148, 'latin1');
  header.write(typeFlag, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  octal(major, 329, 7);
  octal(minor, 337, 7);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
