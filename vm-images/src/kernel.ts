import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Architecture } from './versions.ts';

/**
 * The kernel uncompressed, so that the guest does not spend its first second on decompressing itself: on amd64 the ELF
 * file out of the bzImage, which QEMU starts through its PVH entry, on arm64 the Image as Debian ships it.
 */
export async function readKernel(donor: string, architecture: Architecture): Promise<Uint8Array> {
  for await (const name of glob('boot/vmlinuz-*', { cwd: donor })) {
    const file = await readFile(path.join(donor, name));
    return architecture === 'amd64' ? extractElf(file) : checkedImage(file);
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

// In the header of Documentation/arch/arm64/booting.rst.
const imageMagicAt = 56;
const imageMagic = 'ARM\x64';

export function checkedImage(image: Buffer): Uint8Array {
  if (image.toString('latin1', imageMagicAt, imageMagicAt + imageMagic.length) === imageMagic) return image;
  throw new Error('the kernel is not an uncompressed Image of arm64');
}
