import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const server = ['sh', '-c', 'mkdir -p /www; echo from-inside > /www/index.html; exec httpd -f -h /www'];
const fetchText = async (url: string) => (await fetch(url)).text();
const portOf = async (name: string) =>
  (await berth.docker(['port', name, '80'])).stdout.split('\n').map((line) => line.split(':').at(-1));

/** How a connection ends that the host takes but nobody serves inside. */
function outcome(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('end', () => resolve('end'));
    socket.resume();
  });
}

test('a published port serves IPv4 and IPv6 under one number as soon as start has answered', async () => {
  await berth.docker(['run', '-d', '--name', 'web', '-p', '80', 'busybox', ...server]);
  const [port, same] = await portOf('web');
  expect(same).toBe(port);
  // The port is bound before the program inside listens: a connection until then is reset, not swallowed.
  await expect.poll(() => fetchText(`http://127.0.0.1:${port}/`).catch(() => '')).toBe('from-inside\n');
  expect(await fetchText(`http://[::1]:${port}/`)).toBe('from-inside\n');
});

test('a second container is refused the port in dockerd’s words, and is left unstarted', async () => {
  const [port] = await portOf('web');
  const { stderr, exitCode } = await berth.docker([
    'run',
    '--name',
    'second',
    '-p',
    `${port}:80`,
    'busybox',
    ...server,
  ]);
  expect(exitCode).toBe(125);
  expect(stderr).toMatch(
    new RegExp(
      `failed to set up container networking: driver failed programming external connectivity on endpoint second \\([0-9a-f]{64}\\): Bind for 0.0.0.0:${port} failed: port is already allocated`,
    ),
  );
  expect((await berth.docker(['inspect', '-f', '{{.State.Status}}', 'second'])).stdout).toBe('created');
});

test('a port that nobody serves inside resets the connection, or refuses it once the kernel carries it', async () => {
  await berth.docker(['run', '-d', '--name', 'silent', '-p', '81', 'busybox', 'sleep', '1000']);
  const port = Number((await berth.docker(['port', 'silent', '81'])).stdout.split('\n')[0]?.split(':').at(-1));
  expect(await outcome(port)).toMatch(/^ECONN(RESET|REFUSED)$/);
});

test('stop frees the port, start binds it again', async () => {
  await berth.docker(['run', '-d', '--name', 'again', '-p', '127.0.0.1:18431:80', 'busybox', ...server]);
  await berth.docker(['stop', '-t', '0', 'again']);
  expect(await outcome(18431)).toBe('ECONNREFUSED');
  await berth.docker(['start', 'again']);
  await expect.poll(() => fetchText('http://127.0.0.1:18431/').catch(() => '')).toBe('from-inside\n');
});

test('an agent that is killed comes back with the ports it had', async () => {
  const [port] = await portOf('web');
  const pid = Number((await berth.docker(['inspect', '-f', '{{.State.Pid}}', 'web'])).stdout);
  const agent = await agentPid(berth);
  process.kill(agent, 'SIGKILL');
  await expect
    .poll(async () => (await berth.docker(['version', '-f', '{{.Server.Version}}'])).exitCode, { timeout: 20_000 })
    .toBe(0);
  await expect
    .poll(() => fetchText(`http://127.0.0.1:${port}/`).catch(() => ''), { timeout: 10_000 })
    .toBe('from-inside\n');
  expect(Number((await berth.docker(['inspect', '-f', '{{.State.Pid}}', 'web'])).stdout)).toBe(pid);
  expect((await portOf('web'))[0]).toBe(port);
});

async function agentPid({ home }: Berth): Promise<number> {
  const { execa } = await import('execa');
  const { stdout } = await execa('pgrep', ['-f', `agent.*${home}`]);
  return Number(stdout.split('\n')[0]);
}
