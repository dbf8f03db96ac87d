import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ControlClient } from '@berth/daemon/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
let control: ControlClient;
beforeAll(async () => {
  berth = await startBerth('linux');
  control = new ControlClient(path.join(berth.home, 'control.sock'));
});
afterAll(() => berth[Symbol.asyncDispose]());
const settings = (content: object) => writeFile(path.join(berth.home, 'settings.json'), JSON.stringify(content));

test('a machine that is off stays off, unless the settings let requests start it', async () => {
  await control.stop();
  expect((await berth.docker(['ps'])).stderr).toContain('the berth machine is not running');
  await settings({ driver: 'linux', startOnRequest: true });
  const asked = [berth.docker(['ps']), berth.docker(['run', '--rm', '-i', 'busybox', 'cat'], { input: 'text' })];
  const [listed, run] = await Promise.all(asked);
  expect([listed?.exitCode, run?.exitCode, run?.stdout]).toEqual([0, 0, 'text']);
  expect((await control.status()).state).toBe('running');
});

test('who asks about the machine does not start it; one that fails says why', async () => {
  await control.stop();
  expect((await control.status()).state).toBe('stopped');
  await settings({ driver: 'nothing', startOnRequest: true });
  expect((await berth.docker(['ps'])).stderr).toContain('nothing');
  await settings({ driver: 'linux', startOnRequest: true });
  await control.start({});
  expect((await berth.docker(['ps'])).exitCode).toBe(0);
});
