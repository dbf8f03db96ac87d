import { expect, test } from 'vitest';
import { illegalOrder } from './race/event-order.ts';

const history = (...actions: string[]) =>
  actions.map((Action, index) => ({ Action, timeNano: index, Actor: { ID: 'c', Attributes: {} } }));
const problem = (...actions: string[]) =>
  illegalOrder(history(...actions))[0]
    ?.split(':')[1]
    ?.trim();

test('histories that can be, and that cannot', () => {
  expect(problem('create', 'start', 'exec_create: true ', 'pause', 'kill', 'unpause', 'die', 'stop', 'destroy')).toBe(
    undefined,
  );
  expect(problem('create', 'start', 'die', 'start', 'restart', 'rename', 'kill', 'die', 'destroy', 'stop')).toBe(
    undefined,
  );
  expect(problem('create', 'start', 'die', 'die')).toBe('die while stopped');
  expect(problem('create', 'destroy', 'start')).toBe('start while gone');
  expect(problem('create', 'start', 'stop')).toBe('stop before any die');
  expect(problem('create', 'start', 'destroy')).toBe('destroy while running');
  expect(problem('create', 'exec_start: true ', 'start', 'kill', 'die', 'kill')).toBe('kill while stopped');
});
