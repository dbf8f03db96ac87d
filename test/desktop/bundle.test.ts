import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

/* The app as it is bundled, up to its first menu. */

const stub = path.join(import.meta.dirname, 'electron-stub.cjs');
const main = path.resolve(import.meta.dirname, '../../desktop/dist/app/main.cjs');

test('the bundle starts, finds its files and shows its menu where no daemon is', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'berth-'));
  const { stdout } = await execa(process.execPath, ['--require', stub, main], { env: { BERTH_HOME: home } });
  await rm(home, { recursive: true });
  expect(stdout.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
    ['page', 200],
    ...['control:call', 'stream:open', 'stream:acknowledge', 'stream:close'].map((name) => ['handle', name]),
    ['icon', true],
    ['menu', ['berth is not running', 'Start', 'separator', 'Dashboard…', 'Settings…', 'separator', 'Quit']],
  ]);
});
