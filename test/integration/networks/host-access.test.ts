import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../../helpers/berth.ts';

let berth: Berth;
let service: Server;
let url: string;

beforeAll(async () => {
  service = createServer((_request, response) => response.end('from the host')).listen(0, '127.0.0.1');
  await once(service, 'listening');
  url = `http://host.docker.internal:${(service.address() as AddressInfo).port}/`;
  berth = await startBerth('linux');
  await berth.docker(['network', 'create', 'own']);
});
afterAll(async () => {
  service.close();
  await berth[Symbol.asyncDispose]();
});

const fetchFrom = async (...options: string[]) => {
  const { stdout, stderr } = await berth.docker(['run', '--rm', ...options, 'busybox', 'wget', '-T', '5', '-qO-', url]);
  return stdout || stderr;
};

test('a service on the host’s loopback address is reached by Docker Desktop’s name', async () => {
  expect(await fetchFrom()).toBe('from the host');
  expect(await fetchFrom('--network', 'own')).toBe('from the host');
});

test('and by host-gateway, under any name', async () => {
  const named = url.replace('host.docker.internal', 'it');
  const run = ['run', '--rm', '--add-host', 'it:host-gateway', 'busybox', 'wget', '-T', '5', '-qO-', named];
  expect((await berth.docker(run)).stdout).toBe('from the host');
});

test('an address of the loopback network itself is the container’s own', async () => {
  const { exitCode } = await berth.docker([
    ...['run', '--rm', 'busybox', 'wget', '-T', '5', '-qO-'],
    url.replace('host.docker.internal', '127.0.0.1'),
  ]);
  expect(exitCode).toBe(1);
});

test('nobody reaches it from a network that leads nowhere', async () => {
  await berth.docker(['network', 'create', '--internal', 'inner']);
  expect(await fetchFrom('--network', 'inner')).not.toContain('from the host');
});
