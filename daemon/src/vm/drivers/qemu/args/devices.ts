import { option } from './option.ts';

/** User-mode network, which needs no privileges. Nothing is forwarded from the host: that is the link's work. */
export function networkArgs(): string[] {
  return [
    ...['-netdev', option('user', { id: 'net', ipv6: 'off' })],
    ...['-device', option('virtio-net-pci', { netdev: 'net', romfile: '' })],
  ];
}

/** The name by which the guest finds its port. */
export const linkPort = 'berth.link';

/** The port in the guest, by the name it looks for, that the daemon reaches through a unix socket. */
export function linkArgs({ linkSocket }: { linkSocket: string }): string[] {
  return [
    ...['-chardev', option('socket', { id: 'link', path: linkSocket, server: 'on', wait: 'off' })],
    ...['-device', 'virtio-serial-pci'],
    ...['-device', option('virtserialport', { chardev: 'link', name: linkPort })],
  ];
}

/** Without entropy of its own the guest waits for it before it can make keys. */
export function entropyArgs(): string[] {
  return ['-device', 'virtio-rng-pci'];
}

/** Console and QEMU's own control socket. The log is appended to, so that it can be cut while QEMU runs. */
export function controlArgs(files: { consoleLog: string; qmpSocket: string }): string[] {
  return [
    ...['-chardev', option('file', { id: 'console', path: files.consoleLog, append: 'on' })],
    ...['-serial', 'chardev:console'],
    ...['-chardev', option('socket', { id: 'qmp', path: files.qmpSocket, server: 'on', wait: 'off' })],
    ...['-mon', option('', { chardev: 'qmp', mode: 'control' })],
  ];
}

/** Files that the guest finds below /sys/firmware/qemu_fw_cfg; their content never shows up in a process list. */
export function guestConfigArgs(config: { agentConfig: string }): string[] {
  return [
    ...['-fw_cfg', option('', { name: 'opt/berth/agent.json', file: config.agentConfig })],
    ...['-fw_cfg', option('', { name: 'opt/berth/hostname', string: 'berth' })],
  ];
}
