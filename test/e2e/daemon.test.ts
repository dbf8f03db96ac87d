import { statSync } from 'node:fs';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tracesOf } from '../helpers/traces.ts';
import { berthHome, until, type BerthHome } from '@berth/daemon/testing';

/* The berth command, its daemon and the linux driver with the real agent, as a user has them. Needs root. */

let home: BerthHome;

beforeAll(async () => {
  home = await berthHome();
});
afterAll(() => home[Symbol.asyncDispose]());

async function ping(): Promise<string> {
  const ask = request({ socketPath: home.engineSocket, path: '/_ping', agent: false });
  const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
  return text(answer);
}

test('up prints the one line for the shell on stdout and its progress on stderr', async () => {
  const { exitCode, stdout, stderr } = await home.run(['up', '--driver', 'linux']);
  expect(stderr).toContain('containerd');
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `export DOCKER_HOST=${home.dockerHost}` });
  expect(await ping()).toBe('OK');
});

test('home and sockets are private', () => {
  expect(statSync(home.path).mode & 0o777).toBe(0o700);
  for (const socket of ['docker.sock', 'control.sock']) {
    expect(statSync(`${home.path}/${socket}`).mode & 0o777).toBe(0o600);
  }
});

test('status tells the machine, its size and where the time went', async () => {
  const status = await home.status();
  expect(status).toMatchObject({ state: 'running', driver: 'linux', accelerator: null, problem: null });
  expect(status.dockerHost).toBe(home.dockerHost);
  expect(status.lastStart?.phases.map(({ phase }) => phase)).toContain('engine');
  expect((await home.run(['status'])).stdout).toMatch(/^state +running\ndriver +linux\nprocessor +(amd64|arm64)\n/);
});

test('up again changes nothing', async () => {
  const pid = await home.daemonPid();
  expect(await home.run(['up'])).toMatchObject({ exitCode: 0, stdout: `export DOCKER_HOST=${home.dockerHost}` });
  expect(await home.daemonPid()).toBe(pid);
});

test('another driver is refused while the machine runs', async () => {
  const { exitCode, stderr, stdout } = await home.run(['up', '--driver', 'qemu']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain('the machine runs with the linux driver: run `berth down` first');
});

test('shell runs in the machine and ends with the exit code of its shell', async () => {
  const { exitCode, stdout } = await home.run(['shell'], { input: 'echo at $((40 + 2)) as $(id -un); exit 7\n' });
  expect(stdout).toContain('at 42 as root');
  expect(exitCode).toBe(7);
});

test('logs show the daemon and the agent', async () => {
  const { stdout } = await home.run(['logs']);
  expect(stdout).toMatch(/^daemon +\| .* info {2}the daemon serves/m);
  expect(stdout).toMatch(/^agent +\| /m);
});

test('a daemon that is asked to end leaves the machine, and the next up takes it over', async () => {
  const before = await home.processes();
  const pid = (await home.daemonPid())!;
  process.kill(pid, 'SIGTERM');
  await until(async () => !(await home.processes()).includes(pid), {
    timeoutMs: 10_000,
    what: 'the end of the daemon',
  });
  expect(await home.status()).toMatchObject({ state: 'detached' });
  expect(await home.run(['up'])).toMatchObject({ exitCode: 0 });
  expect(await home.status()).toMatchObject({ state: 'running', lastStart: { adopted: true } });
  const kept = (await home.processes()).filter((process) => before.includes(process));
  expect(kept).toHaveLength(before.length - 1);
  expect(await ping()).toBe('OK');
});

test('down ends everything, and can be repeated', async () => {
  expect(await home.run(['down'])).toMatchObject({ exitCode: 0, stdout: '' });
  expect(await home.processes()).toEqual([]);
  expect(await home.status()).toMatchObject({ state: 'stopped', problem: null });
  expect(await home.run(['down'])).toMatchObject({ exitCode: 0, stderr: 'berth: the machine is not running' });
});

test('delete asks, and deletes the machine but not what the user has written', async () => {
  await writeFile(`${home.path}/daemon.json`, '{"debug": true}');
  await home.run(['up', '--driver', 'linux']);
  const { exitCode, stderr } = await home.run(['delete'], { input: 'delete\n' });
  expect({ exitCode, stderr }).toEqual({
    ...{ exitCode: 1, stderr: 'berth: nobody is here to be asked: `berth delete --force` deletes the machine' },
  });
  expect(await ping()).toBe('OK');
  expect(await home.run(['delete', '--force'])).toMatchObject({ exitCode: 0, stderr: '', stdout: '' });
  expect((await readdir(home.path)).sort()).toEqual(['daemon.json', 'daemon.lock', 'settings.json']);
  expect(await tracesOf(home.path)).toEqual([]);
  expect(await home.run(['delete'])).toMatchObject({ exitCode: 0, stderr: 'berth: there is no machine' });
  await rm(`${home.path}/daemon.json`);
});

test('many who call up at once get one daemon and one machine', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => home.run(['up', '--driver', 'linux'])));
  expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  // daemon, containerd, agent
  expect(await home.processes()).toHaveLength(3);
  await home.run(['down']);
});
