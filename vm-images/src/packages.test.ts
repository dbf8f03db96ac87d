import { expect, test } from 'vitest';
import { parseSimulation } from './packages.ts';

test('names and versions come from the Inst lines only', () => {
  const output = [
    'Get:1 http://example.invalid trixie InRelease [140 kB]',
    'Inst libc6 (2.41-12+deb13u4 Debian:13.7/stable [amd64]) []',
    'Inst libattr1 (1:2.5.2-3 Debian:13.7/stable [amd64])',
    'Conf libc6 (2.41-12+deb13u4 Debian:13.7/stable [amd64])',
  ].join('\n');
  expect(parseSimulation(output)).toEqual([
    ['libc6', '2.41-12+deb13u4'],
    ['libattr1', '1:2.5.2-3'],
  ]);
});
