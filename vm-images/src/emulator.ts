import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from './versions.ts';

/** Which of QEMU's user-mode emulators a guest has: the one for the other of our two processors. */
const emulators: Record<Architecture, string> = { amd64: 'qemu-aarch64', arm64: 'qemu-x86_64' };

/** A folder with the emulator alone, made inside the donor. It is linked statically, so it runs in any container. */
export async function makeEmulatorTree(donor: string, architecture: Architecture): Promise<string> {
  const tree = path.join(donor, 'emulator');
  const name = emulators[architecture];
  await mkdir(tree);
  await cp(path.join(donor, 'usr/bin', name), path.join(tree, name));
  return tree;
}
