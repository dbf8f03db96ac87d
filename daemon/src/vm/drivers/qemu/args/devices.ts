import { guestAddress, linkPort } from '../guest-network.ts';
import { option } from './option.ts';

/** User-mode network (needs no privileges) with one forward: a port of the host's choice to the agent's link. */
export function networkArgs(): string[] {
  const forward = `tcp:127.0.0.1:0-${guestAddress}:${linkPort}`;
  return [
    ...['-netdev', option('user', { id: 'net', ipv6: 'off', hostfwd: forward })],
    ...['-device', option('virtio-net-pci', { netdev: 'net', romfile: '' })],
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
