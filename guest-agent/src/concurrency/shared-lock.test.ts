import { expect, test } from 'vitest';
import { SharedLock } from './shared-lock.ts';

test('sharers run together; one alone waits for them and goes before later ones', async () => {
  const lock = new SharedLock();
  const order: string[] = [];
  const gates = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
  const hold = (name: 'a' | 'b') =>
    lock.shared(async () => void order.push(name, await gates[name].promise.then(() => `${name}!`)));
  const work = [hold('a'), hold('b')];
  work.push(lock.alone(async () => void order.push('alone')));
  work.push(lock.shared(async () => void order.push('later')));
  gates.b.resolve();
  gates.a.resolve();
  await Promise.all(work);
  expect(order.filter((name) => name.endsWith('!')).length).toBe(2);
  expect(order.slice(-2)).toEqual(['alone', 'later']);
});

test('a failure gives it back', async () => {
  const lock = new SharedLock();
  const fail = () => Promise.reject(new Error('no'));
  await expect(lock.alone(fail)).rejects.toThrow('no');
  await expect(lock.shared(fail)).rejects.toThrow('no');
  expect(await lock.alone(async () => 1)).toBe(1);
});
