import { expect, test } from 'vitest';
import { agoText, sizeText } from './units.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [4_261_502, '4.26 MB'],
  [72_800_000_000, '72.8 GB'],
])('%d bytes: %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

test.each([
  [0, 'now'],
  [1, '1 second ago'],
  [59, '59 seconds ago'],
  [3600, '1 hour ago'],
  [86_400 * 45, '1 month ago'],
  [86_400 * 800, '2 years ago'],
  [NaN, ''],
])('%d seconds: %s', (seconds, text) => expect(agoText(1e12 - seconds * 1000, 1e12)).toBe(text));
