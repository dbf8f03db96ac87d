import { expect, test } from 'vitest';
import type { ControlEvent } from '@berth/daemon/api';
import { liveRows, withRow, withSame } from './rows.ts';

interface Row {
  id: string;
  state: string;
}

const idOf = ({ id }: Row) => id;
const event = (id: string, type = 'container'): ControlEvent => ({ kind: 'engine', type, action: 'start', id });

/** Containers that a test changes, and how often they were asked for. */
function fakeEngine(count: number) {
  const all = new Map(Array.from({ length: count }, (_, n) => [`c${n}`, { id: `c${n}`, state: 'created' }]));
  const calls: string[] = [];
  const list = async () => {
    calls.push('list');
    return [...all.values()];
  };
  const read = async (id: string) => {
    calls.push(id);
    return all.get(id) ?? null;
  };
  return { all, calls, options: { types: ['container'], list, one: { read, idOf } } };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('an event reads the one it is about, and nothing of another kind', async () => {
  const { all, calls, options } = fakeEngine(3);
  const live = liveRows<Row>(options);
  live.reload();
  await settled();
  const before = live.rows.value;
  all.set('c1', { id: 'c1', state: 'running' });
  live.take(event('c1'));
  live.take(event('x', 'network'));
  await settled();
  expect(calls).toEqual(['list', 'c1']);
  expect(live.rows.value?.map(({ state }) => state)).toEqual(['created', 'running', 'created']);
  expect(live.rows.value?.[0]).toBe(before?.[0]);
  all.delete('c0');
  live.take(event('c0'));
  await settled();
  expect(live.rows.value?.map(idOf)).toEqual(['c1', 'c2']);
});

test('many changes at once are one read, and those that come meanwhile one more', async () => {
  const { calls, options } = fakeEngine(100);
  const live = liveRows<Row>(options);
  live.reload();
  await settled();
  for (let n = 0; n < 100; n++) live.take(event(`c${n}`));
  await settled();
  await settled();
  expect(calls.filter((call) => call === 'list').length).toBeLessThanOrEqual(3);
  expect(calls.length).toBeLessThanOrEqual(4);
});

test('what cannot be read is told, and read again when something may have been missed', async () => {
  let fails = true;
  const list = async () => {
    if (fails) throw new Error('no engine');
    return [];
  };
  const live = liveRows<Row>({ types: ['image'], list });
  live.reload();
  await settled();
  expect(live.problem.value).toBe('no engine');
  fails = false;
  live.take({ kind: 'lost' });
  await settled();
  expect([live.problem.value, live.rows.value]).toEqual([null, []]);
});

test('a new row comes first, an unknown one that is gone changes nothing', () => {
  const rows: Row[] = [{ id: 'a', state: '' }];
  expect(withRow(rows, 'b', { row: { id: 'b', state: '' }, idOf }).map(idOf)).toEqual(['b', 'a']);
  expect(withRow(rows, 'b', { row: null, idOf })).toBe(rows);
});

test('rows that say the same stay the same objects', () => {
  const old: Row[] = [
    { id: 'a', state: 'running' },
    { id: 'b', state: 'running' },
  ];
  const rows = withSame(old, [{ id: 'b', state: 'exited' }, { ...old[0]! }]);
  expect(rows[0]).not.toBe(old[1]);
  expect(rows[1]).toBe(old[0]);
});
