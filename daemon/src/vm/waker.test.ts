import { expect, test } from 'vitest';
import { Waker } from './waker.ts';

function waker({ wanted = true, problem = null as string | null, start = async () => undefined } = {}) {
  const machine = { running: null as null | object, problem, starts: 0, start: async () => undefined };
  machine.start = async () => {
    machine.starts += 1;
    await start();
  };
  const failures: string[] = [];
  const isWanted = async () => wanted;
  const onFailure = (error: Error) => void failures.push(error.message);
  return { machine, failures, waker: new Waker({ machine: machine as never, isWanted, onFailure }) };
}

test('starts a machine that is off, where that is wanted, and leaves one alone that runs', async () => {
  const on = waker();
  await on.waker.wake();
  expect(on.machine.starts).toBe(1);
  on.machine.running = {};
  expect(on.waker.wake()).toBe(null);
  const off = waker({ wanted: false });
  await off.waker.wake();
  expect(off.machine.starts).toBe(0);
});

test('does not try again what has failed, and never rejects', async () => {
  const failed = waker({ problem: 'no QEMU' });
  await failed.waker.wake();
  expect(failed.machine.starts).toBe(0);
  const failing = waker({ start: () => Promise.reject(new Error('no disk')) });
  await failing.waker.wake();
  expect(failing.failures).toEqual(['no disk']);
});
