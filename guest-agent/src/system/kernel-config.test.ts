import { expect, test } from 'vitest';
import { hasX32 } from './kernel-config.ts';

test.each([
  ['nothing known', '', '', true],
  ['not built', '#\n# CONFIG_X86_X32_ABI is not set\n', '', false],
  ['built', '\nCONFIG_X86_X32_ABI=y\n', '', true],
  ['built, off as in Debian', '\nCONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y\n', 'quiet', false],
  ['built, switched on', '\nCONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y\n', 'quiet syscall.x32=y', true],
] as const)('x32: %s', (...[, config, commandLine, expected]) => {
  expect(hasX32(config, commandLine)).toBe(expected);
});
