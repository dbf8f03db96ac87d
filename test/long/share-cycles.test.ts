import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canMountShares, mountShare } from '../helpers/mounted-share.ts';

const rounds = 10;
const cycles = 1_000;
const used = () => ({ descriptors: readdirSync('/proc/self/fd').length, MB: process.memoryUsage().rss / 1e6 });

/* 10,000 in ten rounds: what grows, grows from round to round. */
describe.skipIf(!canMountShares)('shares are mounted, used and taken away (needs root and FUSE)', () => {
  test('10,000 times: descriptors and memory stay flat', { timeout: 3_600_000 }, async () => {
    const after: ReturnType<typeof used>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        await using share = await mountShare();
        expect((await share.run('echo x > f; cat f; ls')).stdout).toBe('x\nf');
      }
      after.push(used());
    }
    const [first, last] = [after[1]!, after.at(-1)!];
    expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + 2);
    expect(last.MB).toBeLessThan(first.MB * 1.3);
  });
});
