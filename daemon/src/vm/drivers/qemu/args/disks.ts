import type { VmImage } from '../../../image/vm-image.ts';
import { option } from './option.ts';

/** The guest tells its disks apart by their serials. */
export function diskArgs(image: VmImage, dataDisk: string): string[] {
  return [
    ...disk('root', { file: image.root, readonly: 'on' }),
    ...disk('agent', { file: image.agent, readonly: 'on' }),
    ...disk('emulator', { file: image.emulator, readonly: 'on' }),
    ...(image.builder === null ? [] : disk('builder', { file: image.builder, readonly: 'on' })),
    // What the guest discards or fills with zeros goes back to the host.
    ...disk('data', { file: dataDisk, discard: 'unmap', 'detect-zeroes': 'unmap' }),
  ];
}

function disk(name: string, drive: Record<string, string>): string[] {
  return [
    ...['-drive', option('', { if: 'none', id: name, format: 'raw', ...drive })],
    ...['-device', option('virtio-blk-pci', { drive: name, serial: `berth-${name}` })],
  ];
}
