import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const create = (body: unknown) =>
  engineRequest(berth.socketPath, { method: 'POST', path: '/v1.51/containers/create', body });
const plain = { Image: 'busybox:latest', Cmd: ['true'] };

test('an environment of a megabyte runs', async () => {
  const Env = Array.from({ length: 16 }, (_, index) => `V${index}=${'x'.repeat(65_536)}`);
  const { status, body } = await create({ ...plain, Cmd: ['sh', '-c', 'echo ${#V15}'], Env });
  expect(status).toBe(201);
  const { Id } = JSON.parse(body) as { Id: string };
  const { stdout } = await berth.docker(['start', '-a', Id]);
  expect(stdout).toBe('65536');
});

test('ten thousand labels come back as they were given', async () => {
  const Labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`label-${index}`, String(index)]));
  const { status, body } = await create({ ...plain, Labels });
  expect(status).toBe(201);
  const { Id } = JSON.parse(body) as { Id: string };
  const inspected = await engineRequest(berth.socketPath, { method: 'GET', path: `/v1.51/containers/${Id}/json` });
  const { Config } = JSON.parse(inspected.body) as { Config: { Labels: Record<string, string> } };
  expect(Object.keys(Config.Labels)).toHaveLength(10_000);
});

test.each([
  ['JSON without end', '['.repeat(100_000)],
  ['JSON that is deep', `{"Labels":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`],
  ['a number beyond all types', '{"Image":"busybox","HostConfig":{"Memory":1e400}}'],
  ['bytes that are no text', '{"Image":"\u0000\ud800"}'],
  ['nothing', ''],
  ['a type for another', '{"Image":{}}'],
])('%s is refused in one line, and the engine goes on', async (_name, body) => {
  const answer = await create(body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.body.trim().split('\n')).toHaveLength(1);
  expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['message']);
  expect((await berth.docker(['version'])).exitCode).toBe(0);
});
