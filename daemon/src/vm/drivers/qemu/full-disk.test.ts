import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FullDisk } from './full-disk.ts';
import type { QmpEvent } from './qmp-client.ts';

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
