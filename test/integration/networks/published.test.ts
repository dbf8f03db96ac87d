import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { execa } from 'execa';
import { until } from '@berth/daemon/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../../helpers/berth.ts';

const foreign = 'berth_test_foreign';
let berth: Berth;

beforeAll(async () => {
  await execa('nft', ['-f', '-'], { input: `table ip ${foreign} {\nchain mine {\nip daddr 192.0.2.1 drop\n}\n}\n` });
  berth = await startBerth('linux');
  await docker('network', 'create', 'side');
  const script = 'mkdir -p /www; echo inside > /www/index.html; exec httpd -f -h /www';
  await docker('run', '-d', '--name', 'web', '-p', '80', '-p', '81', '-p', '53/udp', 'busybox', 'sh', '-c', script);
  await until(isKernels, { timeoutMs: 10_000, what: 'the kernel carrying the port' });
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await execa('nft', ['delete', 'table', 'ip', foreign]);
});

const docker = async (...args: string[]) => (await berth.docker(args)).stdout;
const portOf = async (port: string) => Number((await docker('port', 'web', port)).split('\n')[0]?.split(':').at(-1));
/** This machine's address on its way out. */
async function ownAddress(): Promise<string> {
  const { stdout } = await execa('ip', ['-4', 'route', 'get', '192.0.2.1']);
  return /src ([\d.]+)/.exec(stdout)?.[1] ?? '127.0.0.1';
}

/** Nobody serves 81: a listener of the daemon's resets a client, the kernel's answer is the container's own. */
async function isKernels(): Promise<boolean> {
  return (await outcome('127.0.0.1', await portOf('81'))) === 'ECONNREFUSED';
}

function outcome(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('end', () => resolve('end')).resume();
  });
}

test('a published port answers on every address of the host', async () => {
  const port = await portOf('80');
  for (const host of ['127.0.0.1', '[::1]', await ownAddress()])
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('inside\n');
});

test('containers reach it by the host’s address, from its own network and from others', async () => {
  const url = `http://${await ownAddress()}:${await portOf('80')}/`;
  for (const network of ['bridge', 'side'])
    expect(await docker('run', '--rm', '--network', network, 'busybox', 'wget', '-T', '5', '-qO-', url)).toBe('inside');
  expect(await docker('exec', 'web', 'wget', '-T', '5', '-qO-', url)).toBe('inside');
});

test('datagrams go to a published UDP port and back', async () => {
  const pid = await docker('inspect', '-f', '{{.State.Pid}}', 'web');
  const echo = `const s = require('node:dgram').createSocket('udp4');
    s.on('message', (m, r) => s.send('re:' + m, r.port, r.address)); s.bind(53, () => console.log('up'))`;
  const server = execa('nsenter', ['-t', pid, '-n', process.execPath, '-e', echo], { reject: false });
  await once(server.stdout, 'data');
  const client = createSocket('udp4');
  client.send('ping', await portOf('53/udp'), '127.0.0.1');
  const [answer] = (await once(client, 'message')) as [Buffer];
  client.close();
  server.kill();
  await server;
  expect(String(answer)).toBe('re:ping');
});

test('a port that the container has given up is free, and nobody else’s rules are touched', async () => {
  const port = await portOf('80');
  await docker('rm', '-f', 'web');
  expect(await outcome('127.0.0.1', port)).toBe('ECONNREFUSED');
  const { stdout } = await execa('nft', ['list', 'table', 'ip', foreign]);
  expect(stdout).toContain('ip daddr 192.0.2.1 drop');
});
