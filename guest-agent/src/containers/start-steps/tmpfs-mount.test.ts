import { expect, test } from 'vitest';
import { emptyMount } from '../create-steps/parse-bind.ts';
import { tmpfsMount } from './tmpfs-mount.ts';

const options = (tmpfsOptions: string) =>
  tmpfsMount({ ...emptyMount, type: 'tmpfs', destination: '/t', tmpfsOptions }).options;

test.each([
  ['', ['noexec', 'nosuid', 'nodev', 'rprivate']],
  ['exec,size=1m', ['nosuid', 'nodev', 'rprivate', 'exec', 'size=1m']],
  ['size=1m,mode=700,size=2m', ['noexec', 'nosuid', 'nodev', 'rprivate', 'mode=700', 'size=2m']],
])('%j: what is asked last counts', (asked, expected) => expect(options(asked)).toEqual(expected));

test.each([
  ['nope=1', 'invalid tmpfs option "nope"'],
  ['nope', 'invalid tmpfs option "nope"'],
  ['size', 'invalid tmpfs option "size"'],
])('%j: %s', (asked, message) => expect(() => options(asked)).toThrow(message));
