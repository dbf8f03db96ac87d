import { expect, test } from 'vitest';
import { versionIn } from './own-modules.ts';

test('the version of sources is what their makefile begins with', () => {
  const lines = [
    '# SPDX-License-Identifier: GPL-2.0',
    'VERSION = 6',
    'PATCHLEVEL = 12',
    'SUBLEVEL = 117',
    'EXTRAVERSION =',
    '',
  ];
  expect(versionIn(lines.join('\n'))).toBe('6.12.117');
  expect(versionIn('all:\n')).toBe('');
});
