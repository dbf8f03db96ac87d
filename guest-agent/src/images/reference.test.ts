import { describe, expect, it } from 'vitest';
import {
  familiarName,
  familiarString,
  fullString,
  parseAnyReference,
  parseNamed,
  repoTagReference,
} from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseNamed', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox', 'busybox'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['a/b', 'docker.io/a/b', 'a/b'],
    ['index.docker.io/x', 'docker.io/library/x', 'x'],
    ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    ['localhost:5000/x:y', 'localhost:5000/x:y', 'localhost:5000/x:y'],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    ['Host/x', 'Host/x', 'Host/x'],
    [`busybox:t@${digest}`, `docker.io/library/busybox:t@${digest}`, `busybox:t@${digest}`],
  ])('%s is %s', (text, full, familiar) => {
    expect(fullString(parseNamed(text))).toBe(full);
    expect(familiarString(parseNamed(text))).toBe(familiar);
  });

  it.each([
    ['BusyBox', 'invalid reference format: repository name (library/BusyBox) must be lowercase'],
    ['a//b', 'invalid reference format'],
    ['', 'invalid reference format'],
    ['x:', 'invalid reference format'],
    [`x@${digest}0`, 'invalid checksum digest length'],
    ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  ])('%s is refused', (text, message) => {
    expect(() => parseNamed(text)).toThrow(message);
  });
});

describe('parseAnyReference', () => {
  it('takes 64 hexadecimal digits for a digest', () => {
    expect(parseAnyReference('a'.repeat(64))).toEqual({ digest });
    expect(parseAnyReference(digest)).toEqual({ digest });
  });

  it('takes a short digest for a name with a tag', () => {
    expect(parseAnyReference('sha256:abcd')).toEqual({ domain: 'docker.io', path: 'library/sha256', tag: 'abcd' });
  });
});

describe('repoTagReference', () => {
  it('defaults the tag', () => {
    expect(familiarString(repoTagReference('x', '')!)).toBe('x:latest');
    expect(familiarName(repoTagReference('x', 'y')!)).toBe('x');
    expect(repoTagReference('', 'y')).toBeUndefined();
  });
});
