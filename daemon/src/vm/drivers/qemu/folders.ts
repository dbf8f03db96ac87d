import type { FolderKind, HostFolders } from '../../driver.ts';
import type { FolderDevice } from './args/folders.ts';
import type { QemuFiles } from './files.ts';
import { serveFolders } from './virtiofs/servers.ts';

/** There is a virtiofsd for Linux only, and QEMU for Windows has no 9p. */
const kindsOf: Readonly<Record<string, readonly FolderKind[]>> = { linux: ['virtiofs', '9p'], darwin: ['9p'] };

/** By what QEMU can show folders on a platform. */
export function folderKinds(platform: string): readonly FolderKind[] {
  return kindsOf[platform] ?? [];
}

/** What the folders are to the machine; those of virtiofs have a server each from now on. */
export async function folderDevices(shown: HostFolders | undefined, files: QemuFiles): Promise<FolderDevice[]> {
  const { kind, folders = [] } = shown ?? {};
  const served = await serveFolders(kind === 'virtiofs' ? folders : [], files);
  return kind === '9p' ? folders.map((folder) => ({ ...folder, kind })) : served;
}
