/** A file, a folder (name ends with '/') or, with `linkTo`, a symbolic link. */
export interface TarEntry {
  name: string;
  mode: number;
  content?: Uint8Array;
  linkTo?: string;
}

const blockBytes = 512;

/** A ustar archive in memory, everything owned by root and of one time. For small archives; names up to 100 bytes. */
export function makeTar(entries: readonly TarEntry[], epoch: number): Buffer {
  const blocks = entries.flatMap((entry) => [header(entry, epoch), entry.content ?? Buffer.alloc(0), padding(entry)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function header(entry: TarEntry, epoch: number): Buffer {
  if (Buffer.byteLength(entry.name) > 100) throw new Error(`name too long for this archive: ${entry.name}`);
  const block = Buffer.alloc(blockBytes);
  block.write(entry.name, 0);
  block.write(octal(entry.mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(entry.content?.length ?? 0, 11), 124);
  block.write(octal(epoch, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write(typeFlag(entry), 156);
  block.write(entry.linkTo ?? '', 157);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function typeFlag(entry: TarEntry): string {
  if (entry.linkTo !== undefined) return '2';
  return entry.name.endsWith('/') ? '5' : '0';
}

function padding(entry: TarEntry): Buffer {
  const length = entry.content?.length ?? 0;
  return Buffer.alloc((blockBytes - (length % blockBytes)) % blockBytes);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
