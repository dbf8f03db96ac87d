import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FullDisk } from './full-disk.ts';
import type { QmpEvent } from './qmp-client.ts';

test.each([
  ['io-error', 'is full: the machine stands still'],
  ['running', null],
  ['paused', null],
])('a machine that is found %s: %s', async (status, problem) => {
  const qmp = { onEvent: () => undefined, execute: async () => ({ status }) };
  using disk = new FullDisk({ qmp, dataDisk: path.join(tmpdir(), 'data.raw') });
  await disk.look();
  if (problem === null) expect(disk.problem).toBeNull();
  else expect(disk.problem).toContain(problem);
});

test('a machine that stands still for want of room is told to go on, and says why until it does', async () => {
  const listeners: QmpEvent[] = [];
  const asked = Promise.withResolvers<string>();
  const qmp = {
    onEvent: (listener: QmpEvent) => void listeners.push(listener),
    execute: async (command: string) => asked.resolve(command),
  };
  using disk = new FullDisk({ qmp, dataDisk: path.join(tmpdir(), 'data.raw') });
  const tell = (event: string, data: Record<string, unknown>) => listeners.forEach((listener) => listener(event, data));
  tell('BLOCK_IO_ERROR', { nospace: false, action: 'report' });
  expect(disk.problem).toBe(null);
  tell('BLOCK_IO_ERROR', { nospace: true, action: 'stop' });
  expect(disk.problem).toContain('is full: the machine stands still');
  expect(await asked.promise).toBe('cont');
  tell('RESUME', {});
  expect(disk.problem).toBe(null);
});
