import { describe, expect, it } from 'vitest';
import { formatPlatform, parsePlatform, platformDistance } from './platform.ts';

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/armhf', 'linux/arm/v7'],
    ['arm64', 'linux/arm64'],
  ])('%s is %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected);
  });

  it('refuses what is no platform', () => {
    expect(() => parsePlatform('foobar')).toThrow(
      '"foobar": unknown operating system or architecture: invalid argument',
    );
    expect(() => parsePlatform('linux/')).toThrow('"" is an invalid component of "linux/"');
  });
});

describe('platformDistance', () => {
  const distance = (wanted: string, candidate: string) =>
    platformDistance(parsePlatform(wanted), parsePlatform(candidate));

  it('prefers the exact platform, then what still runs', () => {
    expect(distance('linux/arm/v7', 'linux/arm/v7')).toBe(0);
    expect(distance('linux/arm/v7', 'linux/arm/v6')).toBeGreaterThan(0);
    expect(distance('linux/arm/v6', 'linux/arm/v7')).toBe(Infinity);
    expect(distance('linux/arm64', 'linux/arm/v7')).toBeLessThan(Infinity);
    expect(distance('linux/amd64', 'linux/arm64')).toBe(Infinity);
  });
});
