import { until } from '@berth/daemon/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentPid, type Berth, startBerth } from '../../helpers/berth.ts';
import { ask, build, listening, ownLinks, problems, publish, storm, tearDown } from './load.ts';

const load = { networks: 12, containers: 4, joined: 6, storm: 60 };
const ports = { first: 21_000, count: 60 };
let berth: Berth;

beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

async function killAgent(): Promise<void> {
  const killed = agentPid(berth.home);
  process.kill(killed, 'SIGKILL');
  const isBack = async () => agentPid(berth.home) !== killed && (await berth.docker(['version'])).exitCode === 0;
  await until(isBack, { timeoutMs: 30_000, what: 'an agent that answers' });
}

test('connects and disconnects all at once leave what the networks say', async () => {
  await build(berth, load);
  expect(await problems(berth, load)).toEqual([]);
  const statuses = await storm(berth, load);
  expect(statuses.filter((status) => status !== 200 && status !== 403 && status !== 500)).toEqual([]);
  expect(await problems(berth, load)).toEqual([]);
}, 60_000);

test('an agent that is killed in the middle of them finds everything, and the rest goes on', async () => {
  const under = storm(berth, load).catch(() => []);
  await killAgent();
  await under;
  expect(await problems(berth, load)).toEqual([]);
  await tearDown(berth, load);
  expect(await ownLinks(berth)).toEqual([]);
}, 60_000);

test('many published ports are held at once, also after a crash, and freed', async () => {
  const numbers = Array.from({ length: ports.count }, (_, i) => String(ports.first + i));
  expect(await publish(berth, ports)).toBe(ports.count);
  await killAgent();
  expect(listening(numbers)).toBe(ports.count);
  expect((await ask(berth, 'DELETE', '/containers/published?force=1')).status).toBe(204);
  // A daemon that is only just connecting to the new agent hears of it then.
  await until(() => listening(numbers) === 0, { timeoutMs: 10_000, what: 'ports that are free' });
}, 60_000);
