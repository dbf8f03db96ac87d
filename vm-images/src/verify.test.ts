import { expect, test } from 'vitest';
import type { Manifest } from './manifest.ts';
import { differingFiles } from './verify.ts';

function manifest(rootDigest: string, agentDigest = 'a'): Manifest {
  const file = (name: string, digest: string) => ({ name, sizeBytes: 1, digest });
  return {
    formatVersion: 1,
    architecture: 'amd64',
    suite: 'trixie',
    kernelRelease: '6.12',
    nodeVersion: '26',
    packages: {},
    inputs: { system: 'a', agent: 'b', builder: null },
    files: {
      kernel: file('vmlinux', 'k'),
      initramfs: file('initramfs.cpio', 'i'),
      root: file('root.img', rootDigest),
      agent: file('agent.img', agentDigest),
      emulator: file('emulator.img', 'e'),
    },
  };
}

test('files whose digest changed between two builds are named, but for the agent’s, which holds a real start', () => {
  expect(differingFiles(manifest('one'), manifest('one'))).toEqual([]);
  expect(differingFiles(manifest('one'), manifest('two'))).toEqual(['root.img']);
  expect(differingFiles(manifest('one'), manifest('one', 'other'))).toEqual([]);
});
