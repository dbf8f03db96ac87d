import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventRecorder } from '../../faults/race/event-stream.ts';
import { holdings, leftBehind, type Holdings } from '../../faults/race/holdings.ts';
import { daemonPid, shimOf } from '../../faults/race/processes.ts';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
let before: Holdings;
beforeAll(async () => {
  berth = await startBerth('linux');
  await berth.docker(['run', '--rm', 'busybox', 'true']);
  before = await holdings(berth.home);
});
afterAll(() => berth[Symbol.asyncDispose]());

/** Polls with a deadline that a busy machine keeps. */
const until = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });
const docker = async (...args: string[]) => (await berth.docker(args)).stdout;

function pidOf(service: 'agent' | 'containerd'): number {
  const file = path.join(berth.home, 'machine/run', `${service}.pid`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
}

async function answers(): Promise<void> {
  const ask = () => engineRequest(berth.socketPath, { method: 'GET', path: '/v1.51/info' });
  await until(() =>
    ask().then(
      ({ status }) => status,
      () => 0,
    ),
  ).toBe(200);
}

interface Inspected {
  Id: string;
  RestartCount: number;
  State: {
    Status: string;
    Pid: number;
    ExitCode: number;
    StartedAt: string;
    Health?: { Status: string; Log: object[] };
  };
}

async function inspect(name: string): Promise<Inspected | null> {
  const { status, body } = await engineRequest(berth.socketPath, {
    method: 'GET',
    path: `/v1.51/containers/${name}/json`,
  });
  return status === 200 ? (JSON.parse(body) as Inspected) : null;
}

const state = async (name: string) => (await inspect(name))?.State;
const numbers = async (name: string) => (await docker('logs', name)).split('\n').map(Number);
const count = 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done';
const onTerm = (code: number) => `trap "exit ${code}" TERM; while :; do sleep 0.02; done`;
const run = (name: string, options: string[], command: string) =>
  docker('run', '-d', '--stop-timeout', '1', '--name', name, ...options, 'busybox', 'sh', '-c', command);

test('the agent is killed: what runs runs on, what ends meanwhile has ended', async () => {
  await run('runs', [], count);
  await run('ends', [], onTerm(7));
  await run('goes', ['--rm', '-v', '/data'], onTerm(3));
  await run('comes-again', ['--restart', 'always'], onTerm(4));
  await run('fails-twice', ['--restart', 'on-failure:2'], 'exit 6');
  await run('unwanted', ['--restart', 'always'], 'sleep 1000');
  await docker('stop', '-t', '0', 'unwanted');
  await run('frozen', [], 'sleep 1000');
  await docker('pause', 'frozen');
  await run('somebody', ['--user', '12:34', '--group-add', '56'], 'sleep 1000');
  const who = await docker('exec', 'somebody', 'id');
  await run('healthy', ['--health-cmd', 'true', '--health-interval', '200ms'], 'sleep 1000');
  await until(async () => (await state('healthy'))?.Health?.Status).toBe('healthy');
  await until(async () => (await state('fails-twice'))?.Status).toBe('exited');
  await docker('exec', '-d', 'runs', 'sleep', '1000');
  // It writes more than a pipe holds, and goes on only if somebody reads.
  const chatter = 'until [ -e /go ]; do sleep 0.02; done; head -c 1000000 /dev/zero; touch /done';
  await docker('exec', '-d', 'runs', 'sh', '-c', chatter);
  const pids = { ends: 0, goes: 0, again: 0, runs: 0 };
  for (const [key, name] of [
    ['ends', 'ends'],
    ['goes', 'goes'],
    ['again', 'comes-again'],
    ['runs', 'runs'],
  ] as const) {
    pids[key] = (await state(name))!.Pid;
  }
  // The traps are set once the loops run.
  const cut = (await numbers('runs')).length;
  await until(async () => (await numbers('runs')).length).toBeGreaterThan(cut + 20);

  const killed = pidOf('agent');
  process.kill(killed, 'SIGKILL');
  for (const pid of [pids.ends, pids.goes, pids.again]) process.kill(pid, 'SIGTERM');
  await until(() => pidOf('agent')).not.toBe(killed);
  await answers();

  expect(await docker('exec', 'somebody', 'id')).toBe(who);
  expect(await state('runs')).toMatchObject({ Status: 'running', Pid: pids.runs });
  const written = (await numbers('runs')).length;
  await until(async () => (await numbers('runs')).length).toBeGreaterThan(written + 10);
  const lines = await numbers('runs');
  // What the killed agent had read and not written yet is lost: a line, not the log.
  expect(lines.filter((line, index) => index > 0 && line !== lines[index - 1]! + 1).length).toBeLessThanOrEqual(1);
  expect(await state('ends')).toMatchObject({ Status: 'exited', ExitCode: 7 });
  await until(() => inspect('goes')).toBeNull();
  await until(async () => (await inspect('comes-again'))?.State.Status).toBe('running');
  expect((await inspect('comes-again'))!.RestartCount).toBe(1);
  expect(await inspect('fails-twice')).toMatchObject({ RestartCount: 2, State: { Status: 'exited', ExitCode: 6 } });
  expect(await state('unwanted')).toMatchObject({ Status: 'exited' });
  expect(await state('frozen')).toMatchObject({ Status: 'paused' });
  const checks = JSON.stringify((await state('healthy'))?.Health?.Log);
  await until(async () => JSON.stringify((await state('healthy'))?.Health?.Log)).not.toBe(checks);
  expect((await state('healthy'))?.Health?.Status).toBe('healthy');
  expect((await berth.docker(['exec', 'runs', 'true'])).exitCode).toBe(0);
  expect((await berth.docker(['top', 'runs'])).stdout).toContain('sleep 1000');
  await docker('exec', 'runs', 'touch', '/go');
  await until(async () => (await berth.docker(['exec', 'runs', 'ls', '/done'])).exitCode).toBe(0);
});

test('containerd is killed: the containers run on, and their ends are seen', async () => {
  const pid = (await state('runs'))!.Pid;
  const killed = pidOf('containerd');
  process.kill(killed, 'SIGKILL');
  await until(() => pidOf('containerd')).not.toBe(killed);
  expect(await state('runs')).toMatchObject({ Status: 'running', Pid: pid });
  const written = (await numbers('runs')).length;
  await until(async () => (await numbers('runs')).length).toBeGreaterThan(written + 10);
  expect((await berth.docker(['exec', 'runs', 'echo', 'there'])).stdout).toBe('there');
  process.kill(pid, 'SIGKILL');
  await until(async () => await state('runs')).toMatchObject({ Status: 'exited', ExitCode: 137 });
  expect((await berth.docker(['start', 'runs'])).exitCode).toBe(0);
});

test('a shim is killed: exit 137, told by an event; an exec in it ends; its policy starts it again', async () => {
  using recorder = await EventRecorder.start(berth.socketPath, '');
  const [runs, again] = [(await inspect('runs'))!, (await inspect('comes-again'))!];
  const exec = berth.docker(['exec', 'runs', 'sleep', '1000']);
  await until(() => recorder.events.some(({ Action }) => Action.startsWith('exec_start'))).toBe(true);
  await until(async () => await docker('top', 'runs', '-o', 'pid,args')).toContain('sleep 1000');
  for (const { Id } of [runs, again]) process.kill(shimOf(Id), 'SIGKILL');
  expect((await exec).exitCode).toBe(137);
  await until(async () => await state('runs')).toMatchObject({ Status: 'exited', ExitCode: 137 });
  const death = recorder.events.find(({ Action, Actor }) => Action === 'die' && Actor.ID === runs.Id);
  expect(death?.Actor.Attributes['exitCode']).toBe('137');
  await until(async () => (await inspect('comes-again'))?.State).toMatchObject({ Status: 'running' });
  expect((await inspect('comes-again'))!.State.Pid).not.toBe(again.State.Pid);
});

describe('restart policies', () => {
  test('the back-off doubles, and a stop in it is the end', async () => {
    using recorder = await EventRecorder.start(berth.socketPath, '');
    await run('backs-off', ['--restart', 'always'], 'exit 1');
    await until(async () => (await inspect('backs-off'))?.RestartCount).toBeGreaterThanOrEqual(5);
    expect((await berth.docker(['stop', 'backs-off'])).exitCode).toBe(0);
    const times = (action: string) =>
      recorder.events.filter(({ Action }) => Action === action).map(({ timeNano }) => timeNano / 1e6);
    const [starts, ends] = [times('start'), times('die')];
    const pauses = starts.slice(1).map((start, index) => start - ends[index]!);
    for (const [index, pause] of pauses.slice(0, 4).entries())
      expect(pause).toBeGreaterThanOrEqual(100 * 2 ** index - 5);
    expect((await state('backs-off'))?.Status).toBe('exited');
  });

  test('the machine is taken down and up: what was stopped on request stays so, but for `always` and failures', async () => {
    for (const policy of ['no', 'always', 'unless-stopped', 'on-failure']) {
      await run(`up-${policy}`, ['--restart', policy], 'sleep 1000');
      await run(`stopped-${policy}`, ['--restart', policy], 'sleep 1000');
      await docker('stop', '-t', '0', `stopped-${policy}`);
    }
    await docker('create', '--name', 'never-ran', '--restart', 'always', 'busybox', 'sleep', '1000');
    await run('temporary', ['--rm'], 'sleep 1000');
    await berth.berth('down');
    await berth.berth('up');
    await answers();
    for (const name of ['up-always', 'up-unless-stopped', 'stopped-always', 'up-on-failure', 'stopped-on-failure']) {
      await until(async () => (await state(name))?.Status).toBe('running');
      expect((await inspect(name))!.RestartCount).toBe(0);
    }
    for (const name of ['up-no', 'stopped-no', 'stopped-unless-stopped']) {
      expect((await state(name))?.Status).toBe('exited');
    }
    expect((await state('never-ran'))?.Status).toBe('created');
    expect(await inspect('temporary')).toBeNull();
  });

  test('the daemon is killed and comes again: nothing happens to containers', async () => {
    const { State: earlier } = (await inspect('up-always'))!;
    process.kill(daemonPid(berth.home), 'SIGKILL');
    await berth.berth('up');
    await answers();
    expect(await state('up-always')).toMatchObject({
      Status: 'running',
      Pid: earlier.Pid,
      StartedAt: earlier.StartedAt,
    });
  });
});

test('after all of it, and a removal of every container, nothing is left', async () => {
  const all = (await docker('ps', '-aq')).split('\n');
  await docker('rm', '-f', '-v', ...all);
  await until(async () => leftBehind(before, await holdings(berth.home))).toEqual([]);
});
