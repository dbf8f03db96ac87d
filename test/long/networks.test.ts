import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playTornNetworks, tornNetworks } from '../faults/crash/network-cases.ts';
import { type Berth, startBerth } from '../helpers/berth.ts';
import { ask, build, ownLinks, problems, publish, storm, tearDown } from '../integration/networks/load.ts';

const load = { networks: 100, containers: 10, joined: 49, storm: 2_000 };
let berth: Berth;

beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

test('100 networks, 500 endpoints, 2,000 connects and disconnects', async () => {
  await build(berth, load);
  expect(await problems(berth, load)).toEqual([]);
  await storm(berth, load);
  expect(await problems(berth, load)).toEqual([]);
  await tearDown(berth, load);
  expect(await ownLinks(berth)).toEqual([]);
}, 600_000);

test('1,000 published ports', async () => {
  expect(await publish(berth, { first: 22_000, count: 1_000 })).toBe(1_000);
  expect((await ask(berth, 'DELETE', '/containers/published?force=1')).status).toBe(204);
}, 120_000);

test('Docker’s address pools hold out until they do not', async () => {
  const names: string[] = [];
  for (;;) {
    const { status, body } = await ask(berth, 'POST', '/networks/create', { Name: `pool-${names.length}` });
    if (status !== 201) {
      expect([status, body]).toEqual([400, expect.stringContaining('all predefined address pools have been fully')]);
      break;
    }
    names.push(`pool-${names.length}`);
  }
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect((await ask(berth, 'DELETE', `/networks/${name}`)).status).toBe(204);
}, 120_000);

describe('an agent that is killed in the middle of a network’s verb', () => playTornNetworks(tornNetworks));
