/** Writer for the `newc` cpio format that the kernel unpacks as initramfs. Same entries in, same bytes out. */
export interface CpioEntry {
  name: string;
  /** File type and permission bits, as in stat. */
  mode: number;
  content: Uint8Array;
}

export const directoryMode = 0o040755;
export const programMode = 0o100755;
export const fileMode = 0o100644;
export const linkMode = 0o120777;

export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const records = entries.map((entry, index) => record(entry, index + 1));
  const end = record({ name: 'TRAILER!!!', mode: 0, content: new Uint8Array() }, 0);
  return Buffer.concat([...records, end]);
}

function record(entry: CpioEntry, inode: number): Buffer {
  const name = Buffer.from(`${entry.name}\0`);
  const fields = [inode, entry.mode, 0, 0, 1, 0, entry.content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(entry.content)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
