import { describe, expect, it } from 'vitest';
import { Filters } from '../api/engine/filters.ts';
import { pruneRequest } from './cache.ts';

const plain = { all: false, filters: new Filters(), reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0 };

describe('pruneRequest', () => {
  it('prunes with no limits by default', () => {
    expect(pruneRequest(plain)).toEqual({
      ...{ all: false, keepDuration: 0, filter: [] },
      ...{ reservedSpace: 0, maxUsedSpace: 0, minFreeSpace: 0 },
    });
  });

  it('hands limits and filters on', () => {
    const filters = new Filters([
      ['until', ['24h']],
      ['id', ['abc']],
      ['type', ['regular']],
      ['inuse', []],
    ]);
    const limits = { reservedBytes: 1_500_000, maxUsedBytes: 2_000_000, minFreeBytes: 3_000_000 };
    expect(pruneRequest({ all: true, filters, ...limits })).toEqual({
      ...{ all: true, keepDuration: 86_400_000_000_000, filter: ['id~=abc', 'type==regular', 'inuse'] },
      ...{ reservedSpace: 1_500_000, maxUsedSpace: 2_000_000, minFreeSpace: 3_000_000 },
    });
  });

  it.each([
    [new Filters([['colour', ['red']]]), "invalid filter 'colour'"],
    [new Filters([['until', ['soon']]]), 'failed to parse duration value (time: invalid duration "soon")'],
    [new Filters([['type', ['a', 'b']]]), 'filters expect only one value'],
  ])('refuses what it does not understand', (filters, message) => {
    expect(() => pruneRequest({ ...plain, filters })).toThrow(message);
  });
});
