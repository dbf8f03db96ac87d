import type { HostFolder } from '../../../driver.ts';
import type { ServedFolder } from '../virtiofs/servers.ts';
import { option } from './option.ts';

/** A folder of the host as a device of the machine, whose tag is the folder's id. */
export type FolderDevice = ServedFolder | (HostFolder & { kind: '9p' });

/** Devices by which QEMU (9p) or a virtiofsd shows the guest folders of the host. */
export function folderArgs(folders: readonly FolderDevice[], memoryMiB: number): string[] {
  const hasServers = folders.some(({ kind }) => kind === 'virtiofs');
  return [...(hasServers ? sharedMemoryArgs(memoryMiB) : []), ...folders.flatMap(deviceArgs)];
}

/** A virtiofsd works on the guest's own memory. */
function sharedMemoryArgs(memoryMiB: number): string[] {
  return [
    ...['-object', option('memory-backend-memfd', { id: 'ram', size: `${memoryMiB}M`, share: 'on' })],
    ...['-machine', option('', { 'memory-backend': 'ram' })],
  ];
}

function deviceArgs(device: FolderDevice): string[] {
  const id = `folder-${device.id}`;
  if (device.kind === '9p') {
    return [
      ...['-fsdev', option('local', { id, path: device.folder, ...ownFiles })],
      ...['-device', option('virtio-9p-pci', { fsdev: id, mount_tag: device.id })],
    ];
  }
  return [
    ...['-chardev', option('socket', { id, path: device.socket })],
    ...['-device', option('vhost-user-fs-pci', { chardev: id, tag: device.id })],
  ];
}

/**
 * Files have the owner and mode that the guest sees; what the guest makes belongs to QEMU's user where that may not give it
 * away. Files of several file systems below one folder have different numbers.
 */
const ownFiles = { security_model: 'none', multidevs: 'remap' };
