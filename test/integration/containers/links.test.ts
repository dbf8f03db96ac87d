import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const run = (...args: string[]) => berth.docker(['run', '-d', ...args, 'busybox', 'sleep', '1000']);
const addressOf = async (name: string) =>
  (await berth.docker(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', name])).stdout;
const hostsOf = async (name: string) => (await berth.docker(['exec', name, 'cat', '/etc/hosts'])).stdout.split('\n');

test('a link gives names and variables, and follows the other container to its next address', async () => {
  await run('--name', 'db', '--hostname', 'dbhost', '--expose', '80', '-e', 'A=b');
  await run('--name', 'web', '--link', 'db:store');
  const address = await addressOf('db');
  expect(await hostsOf('web')).toContain(`${address}\tstore dbhost db`);
  const variables = [`STORE_PORT=tcp://${address}:80`, 'STORE_NAME=/web/store', 'STORE_ENV_A=b'];
  // An exec has them, too.
  const env = (await berth.docker(['exec', 'web', 'env'])).stdout.split('\n');
  expect(env).toEqual(expect.arrayContaining(variables));
  // The first line tells what the name means, whether or not this machine's firewall lets packets through.
  const ping = await berth.docker(['exec', 'web', 'ping', '-c1', '-w1', 'store']);
  expect(ping.stdout).toContain(`PING store (${address})`);
  const names = await berth.docker(['ps', '--no-trunc', '--filter', 'name=db', '--format', '{{.Names}}']);
  expect(names.stdout).toBe('db,web/store');
  expect((await berth.docker(['inspect', '-f', '{{.HostConfig.Links}}', 'web'])).stdout).toBe('[/db:/web/store]');

  await berth.docker(['stop', '-t', '0', 'db']);
  await run('--name', 'taker');
  await berth.docker(['start', 'db']);
  expect(await addressOf('db')).not.toBe(address);
  expect(await hostsOf('web')).toContain(`${await addressOf('db')}\tstore dbhost db`);
});

test('a link is a name of the other container, and can be taken away alone', async () => {
  const asked = { method: 'GET', path: '/v1.51/containers/web/store/json' };
  expect(JSON.parse((await engineRequest(berth.socketPath, asked)).body)).toMatchObject({ Name: '/db' });
  expect((await berth.docker(['rm', '--link', 'web'])).stderr).toContain(
    'Conflict, cannot remove the default link name of the container',
  );
  expect((await berth.docker(['rm', '--link', 'web/store'])).exitCode).toBe(0);
  expect((await engineRequest(berth.socketPath, asked)).status).toBe(404);
  expect((await hostsOf('web')).filter((line) => line.includes('store'))).toEqual([]);
});

test('without the other container running there is no start', async () => {
  await run('--name', 'other');
  await run('--name', 'linked', '--link', 'other');
  await berth.docker(['rm', '-f', 'other']);
  await berth.docker(['stop', '-t', '0', 'linked']);
  const started = await berth.docker(['start', 'linked']);
  expect(started.stderr).toContain('Cannot link to a non running container: /other AS /linked/other');
});
