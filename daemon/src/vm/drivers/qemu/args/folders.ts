import type { ServedFolder } from '../virtiofs/servers.ts';
import { option } from './option.ts';

/** Devices by which virtiofsd shows the guest folders of the host, which takes memory that both have. */
export function folderArgs(folders: readonly ServedFolder[], memoryMiB: number): string[] {
  if (folders.length === 0) return [];
  return [
    ...['-object', option('memory-backend-memfd', { id: 'ram', size: `${memoryMiB}M`, share: 'on' })],
    ...['-machine', option('', { 'memory-backend': 'ram' })],
    ...folders.flatMap(({ id, socket }) => [
      ...['-chardev', option('socket', { id: `folder-${id}`, path: socket })],
      ...['-device', option('vhost-user-fs-pci', { chardev: `folder-${id}`, tag: id })],
    ]),
  ];
}
