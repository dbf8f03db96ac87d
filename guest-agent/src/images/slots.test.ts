import { expect, it } from 'vitest';
import { SingleFlight } from './single-flight.ts';
import { Slots } from './slots.ts';

it('lets so many in and the next when one leaves', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const order: string[] = [];
  const second = slots.take().then((slot) => (order.push('second'), slot));
  const third = slots.take().then((slot) => (order.push('third'), slot));
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect(order).toEqual(['second', 'third']);
});

it('forgets who stops waiting', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const stop = new AbortController();
  const waiting = slots.take(stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  first[Symbol.dispose]();
  (await slots.take())[Symbol.dispose]();
});

it('shares a task with those who ask while it runs', async () => {
  const flights = new SingleFlight<number>();
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const task = async () => {
    await gate.promise;
    return ++runs;
  };
  const both = Promise.all([flights.run('a', task), flights.run('a', task)]);
  gate.resolve();
  expect(await both).toEqual([1, 1]);
  expect(await flights.run('a', task)).toBe(2);
});
