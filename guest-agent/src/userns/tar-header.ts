import { SystemError } from '../api/index.ts';

/** Places in a tar header (tar(5), ustar). */
export const blockBytes = 512;
export const [uidAt, gidAt, idBytes] = [108, 116, 8];
export const [sizeAt, sizeBytes] = [124, 12];
export const [namesAt, namesEnd] = [265, 329];
const [sumAt, binary] = [148, 0x80];

/** Octal text, or GNU's binary form for what does not fit (tar(5), base-256). Throws SystemError for what is neither. */
export function readNumber(header: Buffer, at: number, bytes: number): number {
  const field = header.subarray(at, at + bytes);
  if (((field[0] ?? 0) & binary) === 0) {
    const octal = field.toString('latin1').replace(/\0.*$/s, '').trim();
    if (!/^[0-7]*$/.test(octal)) throw new SystemError('archive/tar: invalid tar header');
    return parseInt(octal || '0', 8);
  }
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}

/** Of up to 48 bits where it has to be binary. */
export function writeNumber(header: Buffer, at: number, { bytes, value }: { bytes: number; value: number }): void {
  const octal = value.toString(8);
  if (octal.length < bytes) {
    header.write(`${octal.padStart(bytes - 1, '0')}\0`, at, 'latin1');
    return;
  }
  header.fill(0, at, at + bytes);
  header[at] = binary;
  header.writeUIntBE(value, at + bytes - 6, 6);
}

/** Puts the header's checksum right. */
export function sumHeader(header: Buffer): void {
  header.write('        ', sumAt, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, sumAt, 'latin1');
}
