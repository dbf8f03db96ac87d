import { execa } from 'execa';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { cutPower } from './power/power-cut.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });

/** Twenty of them: the suite `long`. */
describe.skipIf(exitCode !== 0)('the machine’s power is cut (skipped where there is no QEMU)', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('qemu');
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  test.each([
    { round: 0, images: 1 },
    { round: 1, images: 2 },
  ])('what was reported stored is there: %o', (cut) => cutPower(berth, cut));
});
