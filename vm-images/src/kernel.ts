import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/**
 * The kernel as an ELF file, out of a bzImage. QEMU starts it through its PVH entry, so that the guest does not spend
 * its first second on decompressing itself.
 */
export async function readKernel(donor: string): Promise<Uint8Array> {
  for await (const name of glob('boot/vmlinuz-*', { cwd: donor })) {
    return extractElf(await readFile(path.join(donor, name)));
  }
  throw new Error(`no kernel below ${donor}/boot`);
}

// Offsets in the boot protocol's header (Documentation/arch/x86/boot.rst).
const setupSectorsAt = 0x1f1;
const payloadOffsetAt = 0x248;
const payloadLengthAt = 0x24c;
const sectorBytes = 512;
// After the compressed stream comes the uncompressed size, four bytes.
const trailerBytes = 4;

export function extractElf(bzImage: Buffer): Uint8Array {
  const protectedModeAt = (bzImage.readUInt8(setupSectorsAt) + 1) * sectorBytes;
  const from = protectedModeAt + bzImage.readUInt32LE(payloadOffsetAt);
  const payload = bzImage.subarray(from, from + bzImage.readUInt32LE(payloadLengthAt) - trailerBytes);
  const elf = zstdDecompressSync(payload);
  if (elf.toString('latin1', 1, 4) !== 'ELF') throw new Error('the payload of the bzImage is not an ELF file');
  return elf;
}
