import { execa } from 'execa';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { cutPower } from '../faults/power/power-cut.ts';
import { seeded } from '../faults/race/random.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });
const random = seeded(20);
const cuts = Array.from({ length: 20 }, (_, round) => ({ round, images: 1 + random.below(4) }));

describe.skipIf(exitCode !== 0)('the machine’s power is cut twenty times (skipped where there is no QEMU)', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('qemu');
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  test.each(cuts)('what was reported stored is there: %o', (cut) => cutPower(berth, cut));
});
