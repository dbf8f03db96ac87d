import { describe, expect, it } from 'vitest';
import { Filters } from '../api/engine/filters.ts';
import { pruneArguments } from './cache.ts';

const plain = { all: false, filters: new Filters(), reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0 };

describe('pruneArguments', () => {
  it('prunes with no limits by default', () => {
    expect(pruneArguments(plain)).toEqual([]);
  });

  it('hands limits and filters on', () => {
    const filters = new Filters([
      ['until', ['24h']],
      ['id', ['abc']],
      ['type', ['regular']],
      ['inuse', []],
    ]);
    const limits = { reservedBytes: 1_500_000, maxUsedBytes: 2_000_000, minFreeBytes: 3_000_000 };
    expect(pruneArguments({ all: true, filters, ...limits })).toEqual([
      ...['--all', '--keep-duration', '24h'],
      ...['--filter', 'id~=abc', '--filter', 'type==regular', '--filter', 'inuse'],
      ...['--keep-storage-min', '1.5', '--keep-storage', '2', '--free-storage', '3'],
    ]);
  });

  it.each([
    [new Filters([['colour', ['red']]]), "invalid filter 'colour'"],
    [new Filters([['until', ['soon']]]), 'failed to parse duration value (time: invalid duration "soon")'],
    [new Filters([['type', ['a', 'b']]]), 'filters expect only one value'],
  ])('refuses what it does not understand', (filters, message) => {
    expect(() => pruneArguments({ ...plain, filters })).toThrow(message);
  });
});
