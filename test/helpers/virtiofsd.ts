import path from 'node:path';
import { execa } from 'execa';

const places = ['virtiofsd', '/usr/libexec/virtiofsd', '/usr/lib/virtiofsd', '/usr/lib/qemu/virtiofsd'];

/**
 * Can this user show folders by virtiofs? Puts the one that `scripts/setup --tests` fetched on PATH, for the berths of
 * this file; Debian 12 has no package for it, and its own is written in C and needs root.
 */
export async function findVirtiofsd(): Promise<boolean> {
  process.env.PATH += `:${path.resolve(import.meta.dirname, '../out/bin')}`;
  const tries = await Promise.all(places.map((file) => execa(file, ['--version'], { reject: false })));
  return process.getuid?.() === 0 && tries.some(({ exitCode }) => exitCode === 0);
}
