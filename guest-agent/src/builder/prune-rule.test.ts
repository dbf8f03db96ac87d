import { describe, expect, it } from 'vitest';
import { Filters } from '../api/engine/filters.ts';
import { pruneRule } from './prune-rule.ts';

const nowMs = Date.UTC(2026, 0, 2);

const plain = { all: false, filters: new Filters(), reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0 };

describe('pruneRule', () => {
  it('prunes with no limits by default', () => {
    expect(pruneRule(plain, nowMs)).toEqual({
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
    expect(pruneRule({ all: true, filters, ...limits }, nowMs)).toEqual({
      ...{ all: true, keepDuration: 86_400_000_000_000, filter: ['id~=abc,type==regular,inuse'] },
      ...{ reservedSpace: 1_500_000, maxUsedSpace: 2_000_000, minFreeSpace: 3_000_000 },
    });
  });

  it('takes a moment for an age', () => {
    const filters = new Filters([['unused-for', ['2026-01-01']]]);
    expect(pruneRule({ ...plain, filters }, nowMs).keepDuration).toBe(86_400_000_000_000);
  });

  it.each([
    [new Filters([['colour', ['red']]]), "invalid filter 'colour'"],
    [
      new Filters([['until', ['soon']]]),
      `"until" filter expects a duration (e.g., '24h') or a timestamp: failed to parse value as time or duration: "soon"`,
    ],
    [
      new Filters([
        ['until', ['1h']],
        ['unused-for', ['1h']],
      ]),
      'conflicting filters: "until" and "unused-for"',
    ],
    [new Filters([['type', ['a', 'b']]]), 'filters expect only one value'],
  ])('refuses what it does not understand', (filters, message) => {
    expect(() => pruneRule({ ...plain, filters }, nowMs)).toThrow(message);
  });
});
