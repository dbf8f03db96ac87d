import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ControlClient } from '@berth/daemon/api';
import { berthHome, until } from '@berth/daemon/testing';
import { expect, test } from 'vitest';

/* A change of daemon.json while the daemon is killed. Needs root for the linux driver. */

const soon = { timeoutMs: 20_000, what: 'step of the change' };

test('a daemon that is killed while it tries out a daemon.json takes it back when it is there again', async () => {
  await using home = await berthHome();
  const file = `${home.path}/daemon.json`;
  const client = new ControlClient(`${home.path}/control.sock`);
  expect((await home.run(['up', '--driver', 'linux'])).exitCode).toBe(0);
  const good = '{"mtu": 1400}';
  const apply = (text: string, base: string) => client.call('engineConfig.apply', { text, base, restart: true });
  expect(await apply(good, '')).toMatchObject({ outcome: 'applied', status: { state: 'running' } });

  const trial = apply('{"mtu": 1300, "bip": "no network"}', good).catch((error: Error) => error);
  await until(() => existsSync(`${file}.before`), { ...soon, maxIntervalMs: 20 });
  process.kill((await home.daemonPid())!, 'SIGKILL');
  expect(await trial).toBeInstanceOf(Error);

  expect((await home.run(['up'])).exitCode).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(good);
  expect(existsSync(`${file}.before`)).toBe(false);
  expect(await home.status()).toMatchObject({ state: 'running', problem: null });
});
