import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const run = (name: string, options: string[], script: string) =>
  berth.docker(['run', '-d', '--name', name, ...options, 'busybox', 'sh', '-c', script]);
const numbers = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
const counting = (to: number) => `i=0; while [ $i -lt ${to} ]; do echo $i; i=$((i+1)); done`;

test.each([
  ['json-file', ['--log-opt', 'max-size=20k', '--log-opt', 'max-file=3', '--log-opt', 'compress=true']],
  ['local', ['--log-driver', 'local', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=3']],
])('%s: a rotated log is read in order, tail and follow included', async (driver, options) => {
  const name = `rotated-${driver}`;
  await run(name, options, `${counting(2000)}; sleep 1000`);
  const follow = berth.docker(['logs', '-f', '--tail', '1', name]);
  const last = async () => (await berth.docker(['logs', '--tail', '1', name])).stdout;
  await expect.poll(last, { timeout: 20_000 }).toBe('1999');
  const all = numbers((await berth.docker(['logs', name])).stdout);
  expect(all.at(-1)).toBe(1999);
  expect(all).toEqual(Array.from({ length: all.length }, (_, i) => 2000 - all.length + i));
  expect(all.length).toBeLessThan(2000);
  const tail = numbers((await berth.docker(['logs', '--tail', '400', name])).stdout);
  expect(tail).toEqual(Array.from({ length: 400 }, (_, i) => 1600 + i));
  await berth.docker(['rm', '-f', name]);
  expect(numbers((await follow).stdout).at(-1)).toBe(1999);
});

test('labels, environment and tag show with --details, as in dockerd', async () => {
  const options = ['--log-opt', 'labels=l1', '--log-opt', 'env=A', '--log-opt', 'tag={{.Name}}'];
  await run('detailed', ['-e', 'A=b c', '--label', 'l1=v1', ...options], 'echo hi');
  await berth.docker(['wait', 'detailed']);
  expect((await berth.docker(['logs', '--details', 'detailed'])).stdout).toBe('A=b+c,l1=v1,tag=detailed hi');
});

test('none keeps nothing and says so', async () => {
  await run('silent', ['--log-driver', 'none'], 'echo hi');
  expect((await berth.docker(['logs', 'silent'])).stderr).toContain(
    'configured logging driver does not support reading',
  );
});
