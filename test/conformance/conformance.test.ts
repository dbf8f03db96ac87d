import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { play, type Answer } from './play.ts';
import { scenarios } from './scenarios/all.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const fixtureOf = async (name: string) =>
  JSON.parse(await readFile(path.join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as Answer[];

/** The fixtures are what dockerd 28.5.2 answered (record.ts). */
describe.each(scenarios)('$name answers as dockerd does', (scenario) => {
  let answers: Answer[];
  let recorded: Answer[];
  beforeAll(async () => {
    recorded = await fixtureOf(scenario.name);
    answers = await play(berth.socketPath, scenario);
  });

  const counted = scenario.steps.filter((step) => !step.silent);
  test.each(
    counted.map((step, index) => ({
      index,
      request: `${step.method} ${step.path}`,
      body: JSON.stringify(step.body) ?? '',
    })),
  )('$index $request $body', ({ index }) => {
    expect(answers[index]).toEqual(recorded[index]);
  });
});
