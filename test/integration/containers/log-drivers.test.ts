import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamServer, udpServer } from '@berth/guest-agent/testing';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const run = (name: string, options: string[], script: string) =>
  berth.docker(['run', '-d', '--name', name, ...options, 'busybox', 'sh', '-c', script]);
const opts = (options: Record<string, string>) =>
  Object.entries(options).flatMap(([name, value]) => ['--log-opt', `${name}=${value}`]);
const syslog = (port: number, more: Record<string, string> = {}) => [
  '--log-driver',
  'syslog',
  ...opts({ 'syslog-address': `tcp://127.0.0.1:${port}`, ...more }),
];
const numbersIn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(': ').at(-1)));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test('100,000 lines to a server that pauses: none is lost, and docker logs has them too', async () => {
  await using server = await streamServer();
  server.pause(true);
  await run('many', syslog(server.port), 'seq 1 100000');
  server.pause(false);
  await berth.docker(['wait', 'many']);
  await server.until((text) => text.endsWith(': 100000\n'));
  expect(numbersIn(server.text())).toEqual(upTo(100_000));
  expect(numbersIn((await berth.docker(['logs', 'many'])).stdout)).toEqual(upTo(100_000));
  await berth.docker(['rm', '-f', 'many']);
});

test('non-blocking: a server that does not read holds nobody up', async () => {
  await using server = await streamServer();
  server.pause(true);
  const lossy = { mode: 'non-blocking', 'max-buffer-size': '64k' };
  await run('lossy', syslog(server.port, lossy), 'yes 0123456789012345678901234567890 | head -c 30000000');
  expect((await berth.docker(['wait', 'lossy'])).stdout).toBe('0');
  expect(server.text().length).toBeLessThan(20_000_000);
  await berth.docker(['rm', '-f', 'lossy']);
});

test('a server that dies and comes back gets what is written then', async () => {
  const first = await streamServer();
  const { port } = first;
  await run('phoenix', syslog(port), 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done');
  await first.until((text) => text.includes(': 3\n'));
  await first[Symbol.asyncDispose]();
  await using second = await streamServer({ listen: { port, host: '127.0.0.1' } });
  await second.until((text) => text.includes('\n'));
  const state = await berth.docker(['inspect', '-f', '{{.State.Status}}', 'phoenix']);
  expect(state.stdout).toBe('running');
  await berth.docker(['rm', '-f', 'phoenix']);
});

test('no server, no start, with the words of dockerd', async () => {
  const { stderr, exitCode } = await run('nobody', syslog(1), 'true');
  expect(exitCode).toBe(125);
  expect(stderr).toContain('failed to initialize logging driver: dial tcp 127.0.0.1:1: connect: connection refused');
  await berth.docker(['rm', '-f', 'nobody']);
});

test('gelf and fluentd', async () => {
  await using gelf = await udpServer();
  const options = opts({ 'gelf-address': `udp://127.0.0.1:${gelf.port}`, 'gelf-compression-type': 'none' });
  await run('gelf', ['--log-driver', 'gelf', ...options], 'echo hi');
  await gelf.until((text) => text.includes('"short_message":"hi"'));
  await using fluentd = await streamServer();
  const address = opts({ 'fluentd-address': `127.0.0.1:${fluentd.port}`, tag: 'x.{{.Name}}' });
  await run('fluentd', ['--log-driver', 'fluentd', ...address], 'echo hi');
  await fluentd.until((text) => text.includes('hi'));
  for (const part of ['x.fluentd', '/fluentd', 'stdout']) expect(fluentd.text()).toContain(part);
  for (const name of ['gelf', 'fluentd']) {
    await berth.docker(['wait', name]);
    expect((await berth.docker(['logs', name])).stdout).toBe('hi');
    await berth.docker(['rm', '-f', name]);
  }
});

test('the copy for docker logs rotates, or is not kept', async () => {
  await using server = await udpServer();
  const address = { 'syslog-address': `udp://127.0.0.1:${server.port}` };
  const small = { 'cache-max-size': '20k', 'cache-max-file': '2', 'cache-compress': 'false' };
  await run('cached', ['--log-driver', 'syslog', ...opts({ ...address, ...small })], 'seq 1 2000');
  await berth.docker(['wait', 'cached']);
  const kept = numbersIn((await berth.docker(['logs', 'cached'])).stdout);
  expect(kept.at(-1)).toBe(2000);
  expect(kept.length).toBeLessThan(1000);
  await run('uncached', ['--log-driver', 'syslog', ...opts({ ...address, 'cache-disabled': 'true' })], 'echo hi');
  const { stderr } = await berth.docker(['logs', 'uncached']);
  expect(stderr).toContain('configured logging driver does not support reading');
  await berth.docker(['rm', '-f', 'cached', 'uncached']);
});
