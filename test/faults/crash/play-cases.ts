import { existsSync } from 'node:fs';
import { afterAll, test } from 'vitest';
import { titleOf, type Case } from './cases.ts';
import { runCase } from './run-case.ts';
import { sampleImage, Stage } from './stage.ts';

const skip = existsSync(sampleImage) ? '' : ' (skipped: there is no sample image: run scripts/setup)';

/** A test for each; they share a berth for as long as its supervisor puts up with the crashes. */
export function playCases(cases: readonly Case[]): void {
  let stage: Stage | null = null;
  const leave = async () => {
    await stage?.[Symbol.asyncDispose]();
    stage = null;
  };
  afterAll(leave);
  for (const faulty of cases) {
    test.skipIf(skip !== '')(`${titleOf(faulty)}${skip}`, async () => {
      stage ??= await Stage.open();
      try {
        await runCase(stage, faulty);
      } catch (error) {
        const words = await stage.agentLog();
        await leave();
        throw new Error(`${(error as Error).message}\n${words}`, { cause: error });
      }
      if (stage.isWornOut) await leave();
    });
  }
}
