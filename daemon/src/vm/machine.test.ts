import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StartRequest } from '../api/status.ts';
import { DriverSet } from './drivers.ts';
import type { RunningVm } from './driver.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { MachineStore } from './machine-store.ts';
import { FakeDriver, FakeHost, type FakeDriverOptions } from './testing/fake-driver.ts';
import { scratchDir, type ScratchDir } from './testing/scratch-dir.ts';
import { until } from '../concurrency/until.ts';

let dir: ScratchDir;
let host: FakeHost;
const never = { signal: new AbortController().signal, onPhase: () => undefined };

beforeEach(async () => {
  dir = await scratchDir();
  host = new FakeHost();
});
afterEach(() => dir[Symbol.asyncDispose]());

interface Events {
  shutdowns: number;
  attached: RunningVm[];
  started: StartRequest[];
}

/** A machine as a daemon would make it, over the one fake host and the one folder. */
function newMachine(options: FakeDriverOptions = {}, extra: Partial<MachineOptions> = {}) {
  const events: Events = { shutdowns: 0, attached: [], started: [] };
  const machine = new Machine({
    drivers: new DriverSet([new FakeDriver(host, options), new FakeDriver(host, { name: 'other' })]),
    store: new MachineStore(dir.file('machine.json')),
    plan: async ({ driver = 'fake', cpus = 2 }) => ({
      driverName: driver,
      spec: { instanceDir: dir.path, cpus, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} },
    }),
    attach: async (vm) => {
      events.attached.push(vm);
      return {
        shutdown: async () => void (events.shutdowns += 1),
        warnings: () => [],
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    onStarted: async (request) => void events.started.push(request),
    ...extra,
  });
  return { machine, events };
}

async function record(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(dir.file('machine.json'), 'utf8')) as Record<string, unknown>;
}

test('starts, stops with the help of the agent, and starts again', async () => {
  const { machine, events } = newMachine();
  const phases: string[] = [];
  await machine.start({ cpus: 3 }, { ...never, onPhase: ({ phase }) => phases.push(phase) });
  expect(machine.stateName).toBe('running');
  expect(phases).toEqual(['driver fake', 'fake', 'session', 'engine']);
  expect(await record()).toMatchObject({ version: 1, state: 'running', driver: 'fake', cpus: 3, problem: null });
  expect(events.started).toEqual([{ cpus: 3 }]);
  await machine.stop();
  await machine.stop();
  expect(events.shutdowns).toBe(1);
  expect(machine.stateName).toBe('stopped');
  expect(await record()).toMatchObject({ state: 'stopped', lastStart: { adopted: false } });
  expect(host.running.size).toBe(0);
  await machine.start({}, never);
  await machine.stop();
});

test('many who start it at once get one machine', async () => {
  const { machine, events } = newMachine();
  await Promise.all(Array.from({ length: 10 }, () => machine.start({}, never)));
  expect(events.attached).toHaveLength(1);
  await machine.stop();
});

test('refuses another driver while it runs', async () => {
  const { machine } = newMachine();
  await machine.start({ driver: 'fake' }, never);
  await expect(machine.start({ driver: 'other' }, never)).rejects.toThrow('runs with the fake driver');
  await machine.start({ driver: 'auto' }, never);
  await machine.stop();
});

test('a start that fails says why, and can be tried again', async () => {
  let fail = true;
  const starting = async () => {
    if (fail) throw new Error('no kernel');
  };
  const { machine } = newMachine({ starting });
  await expect(machine.start({}, never)).rejects.toMatchObject({ message: 'no kernel', consoleTail: 'last words' });
  expect(machine.stateName).toBe('failed');
  expect(machine.problem).toBe('no kernel');
  expect(await record()).toMatchObject({ state: 'stopped', problem: 'no kernel' });
  fail = false;
  await machine.start({}, never);
  expect(machine.problem).toBeNull();
  await machine.stop();
});

test('a guest that does not attach is ended', async () => {
  const attach = () => Promise.reject(new Error('no agent'));
  const { machine } = newMachine({}, { attach });
  await expect(machine.start({}, never)).rejects.toThrow('the engine did not come up: no agent');
  expect(host.running.size).toBe(0);
  expect(await record()).toMatchObject({ state: 'stopped' });
});

test('an engine that never answers is not called running', async () => {
  const engine = (_request: unknown, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(500).end();
  const { machine } = newMachine({ guest: { engine } });
  const starting = machine.start({}, never);
  await until(() => host.running.size === 1, { timeoutMs: 5_000, what: 'the machine' });
  [...host.running.values()][0]?.end({ expected: false, reason: 'panic' });
  await expect(starting).rejects.toThrow('the engine did not come up: the machine ended: panic');
});

test('the last one who leaves gives the start up, the first one does not', async () => {
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const starting = async ({ signal }: { signal: AbortSignal }) => {
    begun.resolve();
    signal.addEventListener('abort', () => goOn.reject(new Error('aborted')));
    await goOn.promise;
  };
  const { machine } = newMachine({ starting });
  const [first, second] = [new AbortController(), new AbortController()];
  const one = machine.start({}, { ...never, signal: first.signal });
  const two = machine.start({}, { ...never, signal: second.signal });
  await begun.promise;
  first.abort();
  await expect(one).rejects.toThrow();
  expect(machine.stateName).toBe('starting');
  second.abort();
  await expect(two).rejects.toThrow();
  await until(() => machine.stateName === 'stopped', { timeoutMs: 5_000, what: 'the end of the start' });
  expect(await record()).toMatchObject({ state: 'stopped', problem: null });
});

test('stopping gives a start up', async () => {
  const begun = Promise.withResolvers<void>();
  const starting = ({ signal }: { signal: AbortSignal }) => {
    begun.resolve();
    return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const { machine } = newMachine({ starting });
  const start = machine.start({}, never);
  start.catch(() => undefined);
  await begun.promise;
  await machine.stop();
  await expect(start).rejects.toThrow();
  expect(machine.stateName).toBe('stopped');
});

test('a machine that ends by itself is failed, with the reason', async () => {
  const { machine } = newMachine();
  await machine.start({}, never);
  [...host.running.values()][0]?.end({ expected: false, reason: 'out of memory' });
  await until(() => machine.stateName === 'failed', { timeoutMs: 5_000, what: 'the end' });
  expect(machine.problem).toBe('the machine ended by itself: out of memory');
  await until(async () => (await record())['state'] === 'stopped', { timeoutMs: 5_000, what: 'the record' });
});

test('a machine that was let go is taken over, as it was started', async () => {
  const before = newMachine().machine;
  await before.start({ cpus: 7 }, never);
  await before[Symbol.asyncDispose]();
  expect(host.running.size).toBe(1);
  const { machine } = newMachine();
  await machine.restore(never);
  expect(machine.running).toMatchObject({ spec: { cpus: 7 }, timings: { adopted: true } });
  await machine.stop();
  expect(host.running.size).toBe(0);
});

test('stopping ends what was left running, with the help of its agent, also while it is being taken over', async () => {
  for (const restoring of [false, true]) {
    const before = newMachine().machine;
    await before.start({}, never);
    await before[Symbol.asyncDispose]();
    const { machine, events } = newMachine();
    const restored = restoring ? machine.restore(never) : Promise.resolve();
    await machine.stop();
    await restored;
    expect(events.shutdowns).toBe(1);
    expect(host.running.size).toBe(0);
    expect(await record()).toMatchObject({ state: 'stopped' });
  }
});

test('a take-over that is given up leaves the machine as it was', async () => {
  const before = newMachine().machine;
  await before.start({}, never);
  await before[Symbol.asyncDispose]();
  const leaving = new AbortController();
  const attach = (_vm: unknown, { signal }: { signal: AbortSignal }) => {
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('left'))),
    );
    leaving.abort();
    return aborted;
  };
  const { machine } = newMachine({}, { attach });
  await expect(machine.start({}, { ...never, signal: leaving.signal })).rejects.toThrow();
  await until(() => machine.stateName === 'stopped', { timeoutMs: 5_000, what: 'the end of the start' });
  expect(host.running.size).toBe(1);
  expect(await record()).toMatchObject({ state: 'running' });
  await newMachine().machine.stop();
  expect(host.running.size).toBe(0);
});

test('restoring starts nothing, and a start that comes meanwhile does', async () => {
  const before = newMachine().machine;
  await before.start({}, never);
  await before[Symbol.asyncDispose]();
  [...host.running.values()][0]?.end({ expected: false, reason: 'reboot' });
  const { machine } = newMachine();
  const restoring = machine.restore(never);
  const starting = machine.start({}, never);
  await Promise.all([restoring, starting]);
  expect(machine.running).toMatchObject({ timings: { adopted: false } });
  await machine.stop();
});

test('a damaged record is named, and nothing is started', async () => {
  await writeFile(dir.file('machine.json'), '{"version": 9}');
  const { machine } = newMachine();
  await expect(machine.start({}, never)).rejects.toThrow(`${dir.file('machine.json')} is damaged`);
  expect(host.running.size).toBe(0);
});

test('a driver that this host cannot use says why', async () => {
  const { machine } = newMachine({ problem: 'there is no QEMU: apt install qemu-system-x86' });
  await expect(machine.start({}, never)).rejects.toThrow('fake: there is no QEMU');
  await expect(machine.start({ driver: 'hyper' }, never)).rejects.toThrow("no driver 'hyper': use auto, fake or other");
});
