import { chmod, stat } from 'node:fs/promises';
import type { FolderAccess } from '../platform.ts';

export async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700);
}

export async function accessTo(folder: string): Promise<FolderAccess> {
  const { uid, mode } = await stat(folder);
  const isOpen = (mode & 0o077) !== 0;
  return {
    owned: uid === process.getuid?.(),
    openBy: isOpen ? `mode ${(mode & 0o777).toString(8)}` : null,
    fix: isOpen ? `chmod 700 ${folder}` : null,
  };
}
