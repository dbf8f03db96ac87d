import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unexpected, type KnownAnswers } from '../faults/race/allowed.ts';
import { illegalOrder } from '../faults/race/event-order.ts';
import { EventRecorder } from '../faults/race/event-stream.ts';
import { holdings, leftBehind, type Holdings } from '../faults/race/holdings.ts';
import { cleanUp, runSchedule } from '../faults/race/schedule.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';

const answersFile = path.resolve(import.meta.dirname, '../faults/race/answers.json');
const known = JSON.parse(readFileSync(answersFile, 'utf8')) as KnownAnswers;

let berth: Berth;
let before: Holdings;
beforeAll(async () => {
  berth = await startBerth('linux');
  await berth.docker(['run', '--rm', 'busybox', 'true']);
  before = await holdings(berth.home);
});
afterAll(() => berth[Symbol.asyncDispose]());

test.each(Array.from({ length: 100 }, (_, seed) => 1000 + seed))('200 requests at random, seed %i', async (seed) => {
  using recorder = await EventRecorder.start(berth.socketPath, '');
  const schedule = { seed, requests: 200, parallel: 40, containers: 4 };
  const { answers, label } = await runSchedule(berth.socketPath, schedule);
  await cleanUp(berth.socketPath, label);
  expect(unexpected(answers, known)).toEqual([]);
  const left = async () => leftBehind(before, await holdings(berth.home));
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  expect(illegalOrder(recorder.events)).toEqual([]);
});
