import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unexpected, type KnownAnswers } from '../../faults/race/allowed.ts';
import { illegalOrder } from '../../faults/race/event-order.ts';
import { EventRecorder } from '../../faults/race/event-stream.ts';
import { holdings, leftBehind, type Holdings } from '../../faults/race/holdings.ts';
import { cleanUp, runSchedule } from '../../faults/race/schedule.ts';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

const known = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../faults/race/answers.json'), 'utf8'),
) as KnownAnswers;

let berth: Berth;
let before: Holdings;
let recorder: EventRecorder;
beforeAll(async () => {
  berth = await startBerth('linux');
  // What exists once and stays: the image's init layer, pooled streams.
  await berth.docker(['run', '--rm', 'busybox', 'true']);
  before = await holdings(berth.home);
  recorder = await EventRecorder.start(berth.socketPath, '');
});
afterAll(async () => {
  recorder[Symbol.dispose]();
  await berth[Symbol.asyncDispose]();
});

const ask = (method: string, url: string, body?: unknown) =>
  engineRequest(berth.socketPath, { method, path: `/v1.51/containers${url}`, ...(body !== undefined && { body }) });
const post = (url: string, body?: unknown) => ask('POST', url, body);
const status = async (answer: ReturnType<typeof ask>) => (await answer).status;
const statuses = async (...answers: ReturnType<typeof ask>[]) => (await Promise.all(answers.map(status))).sort();
/** Polls with a deadline that a busy machine keeps. */
const until = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });
const stubborn = ['sleep', '1000'];

async function create(name: string, options: { Cmd?: string[]; HostConfig?: object } = {}): Promise<void> {
  const body = { Image: 'busybox', Cmd: stubborn, ...options };
  expect(await status(post(`/create?name=${name}`, body))).toBe(201);
}

async function inspect(name: string) {
  return JSON.parse((await ask('GET', `/${name}/json`)).body) as {
    Id: string;
    RestartCount: number;
    State: { Status: string; Running: boolean; ExitCode: number };
  };
}

const actionsOf = (id: string) =>
  recorder.events.filter(({ Actor }) => Actor.ID === id).map(({ Action }) => Action.split(':')[0]);

async function expectNothingLeft(): Promise<void> {
  const left = async () => leftBehind(before, await holdings(berth.home));
  await until(left).toEqual([]);
  expect(illegalOrder(recorder.events)).toEqual([]);
}

describe.each([1, 2, 3])('200 requests at random, seed %i', (seed) => {
  test('answers, order of events and what is left are as dockerd could have it', async () => {
    const schedule = { seed, requests: 200, parallel: 40, containers: 4 };
    const { answers, label } = await runSchedule(berth.socketPath, schedule);
    expect(answers).toHaveLength(200);
    const listed = JSON.parse((await ask('GET', '/json?all=1')).body) as {
      Id: string;
      Names: string[];
      State: string;
    }[];
    for (const { Id, Names, State } of listed) {
      const { body } = await ask('GET', `/${Id}/json`);
      const inspected = JSON.parse(body) as { Name: string; State: { Status: string } };
      expect([inspected.Name]).toEqual(Names);
      // One that restarts by its policy may have moved on.
      if (State === 'exited' || State === 'created') expect(inspected.State.Status).toBe(State);
    }
    const removals = await cleanUp(berth.socketPath, label);
    expect(removals.filter(({ status }) => status !== 204 && status !== 404)).toEqual([]);
    expect(unexpected(answers, known)).toEqual([]);
    await expectNothingLeft();
  });
});

test('100 containers, 20 at a time: made, started, used, stopped and removed', async () => {
  const one = async (i: number) => {
    const name = `many${i}`;
    await create(name, { HostConfig: { NetworkMode: i % 2 === 0 ? 'bridge' : 'none' } });
    expect(await status(post(`/${name}/start`))).toBe(204);
    expect((await inspect(name)).State.Status).toBe('running');
    expect(await status(post(`/${name}/${i % 3 === 0 ? 'kill' : 'stop?t=0'}`))).toBe(204);
    expect((await inspect(name)).State).toMatchObject({ Status: 'exited', ExitCode: 137 });
    expect(await status(ask('DELETE', `/${name}`))).toBe(204);
  };
  const waiting = Array.from({ length: 100 }, (_, i) => i);
  const work = async () => {
    for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) await one(i);
  };
  await Promise.all(Array.from({ length: 20 }, work));
  await expectNothingLeft();
});

describe('two at once', () => {
  test('create with one name: one gets it', async () => {
    const body = { Image: 'busybox', Cmd: stubborn };
    expect(await statuses(...Array.from({ length: 5 }, () => post('/create?name=same', body)))).toEqual([
      201, 409, 409, 409, 409,
    ]);
    expect(await status(ask('DELETE', '/same'))).toBe(204);
  });

  test('rename to one name: one gets it', async () => {
    await create('left');
    await create('right');
    expect(await statuses(post('/left/rename?name=middle'), post('/right/rename?name=middle'))).toEqual([204, 409]);
    for (const name of ['left', 'middle', 'right']) await ask('DELETE', `/${name}`);
  });

  test('start: one starts it', async () => {
    await create('twice');
    expect(await statuses(post('/twice/start'), post('/twice/start'))).toEqual([204, 304]);
    const { Id } = await inspect('twice');
    await ask('DELETE', '/twice?force=1');
    await until(() => actionsOf(Id)).toEqual(['create', 'start', 'kill', 'die', 'destroy']);
  });

  test('restart: both succeed, and it runs', async () => {
    await create('again');
    await post('/again/start');
    expect(await statuses(post('/again/restart?t=0'), post('/again/restart?t=0'))).toEqual([204, 204]);
    expect((await inspect('again')).State.Status).toBe('running');
    await ask('DELETE', '/again?force=1');
  });

  test('restart of a --rm container: it stays', async () => {
    await create('keep', { HostConfig: { AutoRemove: true } });
    await post('/keep/start');
    expect(await statuses(post('/keep/restart?t=0'), post('/keep/restart?t=0'))).toEqual([204, 204]);
    expect((await inspect('keep')).State.Status).toBe('running');
    expect(await status(post('/keep/stop?t=0'))).toBe(204);
    await until(() => status(ask('GET', '/keep/json'))).toBe(404);
  });

  test('rm: one removes it, the other is told', async () => {
    await create('away');
    await post('/away/start');
    const answers = await statuses(ask('DELETE', '/away?force=1'), ask('DELETE', '/away?force=1'));
    expect(answers).toEqual([204, 409]);
    expect(await status(ask('GET', '/away/json'))).toBe(404);
  });
});

describe('one in the middle of another', () => {
  test('stop while it starts: it is stopped in the end', async () => {
    await create('starting');
    expect(await Promise.all([post('/starting/start'), post('/starting/stop?t=0')].map(status))).toEqual([204, 204]);
    expect((await inspect('starting')).State.Status).toBe('exited');
    await ask('DELETE', '/starting');
  });

  test('rm without force while it starts: it is refused, and nothing is killed', async () => {
    await create('precious');
    expect(await Promise.all([post('/precious/start'), ask('DELETE', '/precious')].map(status))).toEqual([204, 409]);
    expect((await inspect('precious')).State.Status).toBe('running');
    await ask('DELETE', '/precious?force=1');
  });

  test('rm -f while it starts: it is gone', async () => {
    await create('short');
    expect(await Promise.all([post('/short/start'), ask('DELETE', '/short?force=1')].map(status))).toEqual([204, 204]);
    expect(await status(ask('GET', '/short/json'))).toBe(404);
  });

  test('start while it stops: it stops, and perhaps runs again', async () => {
    await create('stopping');
    await post('/stopping/start');
    const [stop, start] = await Promise.all([post('/stopping/stop?t=0'), post('/stopping/start')].map(status));
    expect(stop).toBe(204);
    expect([204, 304]).toContain(start);
    expect((await inspect('stopping')).State.Status).toBe(start === 204 ? 'running' : 'exited');
    await ask('DELETE', '/stopping?force=1');
  });

  test('exec while it dies: every answer comes, none hangs', async () => {
    await create('dying');
    await post('/dying/start');
    const execs = Array.from({ length: 20 }, async () => {
      const made = await post('/dying/exec', { Cmd: ['sleep', '1000'] });
      if (made.status !== 201) return made.status;
      const { Id } = JSON.parse(made.body) as { Id: string };
      const path = `/v1.51/exec/${Id}/start`;
      return (await engineRequest(berth.socketPath, { method: 'POST', path, body: { Detach: false } })).status;
    });
    expect(await status(post('/dying/kill'))).toBe(204);
    for (const answer of await Promise.all(execs)) expect([101, 200, 400, 404, 409, 500]).toContain(answer);
    await ask('DELETE', '/dying');
  });

  test('pause while execs start: neither blocks the other', async () => {
    await create('frozen');
    await post('/frozen/start');
    const exec = async () => {
      const { body } = await post('/frozen/exec', { Cmd: ['true'] });
      const { Id } = JSON.parse(body) as { Id?: string };
      if (Id === undefined) return;
      const path = `/v1.51/exec/${Id}/start`;
      await engineRequest(berth.socketPath, { method: 'POST', path, body: { Detach: true } });
    };
    for (let round = 0; round < 5; round++) {
      const execs = Array.from({ length: 6 }, exec);
      expect(await status(post('/frozen/pause'))).toBe(204);
      expect(await status(post('/frozen/unpause'))).toBe(204);
      await Promise.all(execs);
    }
    await ask('DELETE', '/frozen?force=1');
  });

  test('a client that leaves in the middle of start and stop: both are carried through', async () => {
    await create('left-alone');
    const leave = (verb: string) =>
      engineRequest(berth.socketPath, { method: 'POST', path: `/v1.51/containers/left-alone/${verb}`, timeoutMs: 1 })
        .then(() => undefined)
        .catch(() => undefined);
    await leave('start');
    await until(async () => (await inspect('left-alone')).State.Status).toBe('running');
    await leave('stop?t=0');
    await until(async () => (await inspect('left-alone')).State.Status).toBe('exited');
    expect(await status(ask('DELETE', '/left-alone'))).toBe(204);
  });
});

describe('waiting', () => {
  const waitFor = async (name: string, condition: string) => {
    const { body } = await post(`/${name}/wait?condition=${condition}`);
    return JSON.parse(body) as { StatusCode: number };
  };

  test('next-exit before the start, removed beyond the removal', async () => {
    await create('waited', { Cmd: ['sh', '-c', 'exit 7'] });
    const both = Promise.all([waitFor('waited', 'next-exit'), waitFor('waited', 'removed')]);
    expect(await waitFor('waited', 'not-running')).toEqual({ StatusCode: 0 });
    await post('/waited/start');
    await waitFor('waited', 'not-running');
    await ask('DELETE', '/waited');
    expect(await both).toEqual([{ StatusCode: 7 }, { StatusCode: 7 }]);
  });

  test('a stop during the back-off of the restart policy ends the waiting, and nothing runs again', async () => {
    await create('backing-off', {
      Cmd: ['sh', '-c', 'exit 5'],
      HostConfig: { RestartPolicy: { Name: 'always' } },
    });
    await post('/backing-off/start');
    await until(async () => (await inspect('backing-off')).RestartCount).toBeGreaterThan(3);
    await until(async () => (await inspect('backing-off')).State.Status).toBe('restarting');
    expect(await status(post('/backing-off/start'))).toBe(304);
    const waiting = waitFor('backing-off', 'not-running');
    expect(await status(post('/backing-off/stop'))).toBe(204);
    expect(await waiting).toEqual({ StatusCode: 5 });
    const { Id, RestartCount, State } = await inspect('backing-off');
    expect(State).toMatchObject({ Status: 'exited', Running: false });
    expect(actionsOf(Id).at(-1)).toBe('stop');
    await post('/backing-off/start');
    expect((await inspect('backing-off')).RestartCount).toBeLessThan(RestartCount);
    await ask('DELETE', '/backing-off?force=1');
  });

  test('--rm with a stop: both are done once', async () => {
    await create('fleeting', { HostConfig: { AutoRemove: true } });
    await post('/fleeting/start');
    const gone = waitFor('fleeting', 'removed');
    const [stopped] = await Promise.all([
      status(post('/fleeting/stop?t=0')),
      status(ask('DELETE', '/fleeting?force=1')),
    ]);
    expect([204, 304]).toContain(stopped);
    expect(await gone).toEqual({ StatusCode: 137 });
  });
});

test('after all of it nothing is left', expectNothingLeft);
