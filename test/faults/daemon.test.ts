import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { berthHome, scratchDir, until, type BerthHome } from '@berth/daemon/testing';

/* What goes wrong around the daemon, with the linux driver. Needs root. */

let home: BerthHome;

beforeEach(async () => {
  home = await berthHome();
});
afterEach(() => home[Symbol.asyncDispose]());

const soon = { timeoutMs: 20_000 };

async function get(url: string): Promise<{ status: number | undefined; body: string }> {
  const ask = request({ socketPath: home.engineSocket, path: url, agent: false });
  const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

async function up(): Promise<void> {
  expect(await home.run(['up', '--driver', 'linux'])).toMatchObject({ exitCode: 0 });
}

function pidOf(service: string): number {
  return (JSON.parse(readFileSync(path.join(home.path, 'machine/run', `${service}.pid`), 'utf8')) as { pid: number })
    .pid;
}

test('a daemon that is killed leaves the machine; up takes it over, down ends it', async () => {
  await up();
  process.kill((await home.daemonPid())!, 'SIGKILL');
  const { state, problem } = await home.status();
  expect(state).toBe('detached');
  expect(problem).toContain('`berth up` takes the machine over');
  const agent = pidOf('agent');
  await up();
  expect(pidOf('agent')).toBe(agent);
  expect(await get('/_ping')).toEqual({ status: 200, body: 'OK' });
  process.kill((await home.daemonPid())!, 'SIGKILL');
  expect(await home.run(['down'])).toMatchObject({ exitCode: 0 });
  expect(await home.processes()).toEqual([]);
});

test.each(['agent', 'containerd'])('%s is started again when it is killed', async (service) => {
  await up();
  const pid = pidOf(service);
  process.kill(pid, 'SIGKILL');
  await until(() => pidOf(service) !== pid, { ...soon, what: `another ${service}` });
  const pinged = () => get('/_ping').then(({ status }) => status === 200);
  await until(pinged, { ...soon, what: 'an answer of the engine' });
  expect(await home.status()).toMatchObject({ state: 'running' });
});

test('a daemon that hangs is named, instead of being waited for', async () => {
  await up();
  const pid = (await home.daemonPid())!;
  process.kill(pid, 'SIGSTOP');
  try {
    const { exitCode, stderr } = await home.run(['status']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^berth: the daemon does not answer, see .*daemon\.log$/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('everything but the containers killed at once: up starts what is missing', async () => {
  await up();
  for (const pid of await home.processes()) process.kill(pid, 'SIGKILL');
  await up();
  expect(await get('/_ping')).toEqual({ status: 200, body: 'OK' });
});

test('a machine that fails to start says why, shows its last lines and leaves no process', async () => {
  await writeFile(path.join(home.path, 'agent.mjs'), 'console.log("last words"); process.exit(3);');
  const env = { BERTH_AGENT: path.join(home.path, 'agent.mjs') };
  const { exitCode, stdout, stderr } = await home.run(['up', '--driver', 'linux'], { env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain('  | last words\n');
  expect(stderr).toMatch(/\nberth: the guest agent ended at once \(exit code 3\)$/);
  expect(await home.processes()).toEqual([]);
  expect(await home.status()).toMatchObject({
    state: 'stopped',
    problem: 'the guest agent ended at once (exit code 3)',
  });
});

test('a machine that daemon.json keeps from starting says so in its words', async () => {
  await writeFile(path.join(home.path, 'agent.mjs'), 'console.error("daemon.json: bip: no network"); process.exit(1);');
  const env = { BERTH_AGENT: path.join(home.path, 'agent.mjs') };
  const { stderr } = await home.run(['up', '--driver', 'linux'], { env });
  expect(stderr).toMatch(/\nberth: the guest agent ended at once \(daemon\.json: bip: no network\)$/);
});

test('an agent that keeps ending fails the machine, and clients are told', async () => {
  const flag = path.join(home.path, 'broken');
  const agent = path.join(home.path, 'agent.mjs');
  const real = path.resolve(import.meta.dirname, '../../guest-agent/src/main.ts');
  const program = `import { existsSync } from 'node:fs';
    if (existsSync(${JSON.stringify(flag)})) process.exit(9);
    await import(${JSON.stringify(real)});`;
  await writeFile(agent, program);
  expect(await home.run(['up', '--driver', 'linux'], { env: { BERTH_AGENT: agent } })).toMatchObject({ exitCode: 0 });
  await writeFile(flag, '');
  process.kill(pidOf('agent'), 'SIGKILL');
  await until(async () => (await home.status()).state === 'failed', { timeoutMs: 60_000, what: 'giving up' });
  const { status, body } = await get('/containers/json');
  expect(status).toBe(503);
  expect((JSON.parse(body) as { message: string }).message).toMatch(
    /^the berth machine is not running \(the machine ended by itself: the guest agent keeps ending .*\): `berth up` starts it again$/,
  );
});

test('Ctrl-C while the machine starts leaves nothing', async () => {
  await writeFile(path.join(home.path, 'agent.mjs'), 'setInterval(() => {}, 1000);');
  const child = execa(
    process.execPath,
    [
      '--conditions=berth-source',
      path.resolve(import.meta.dirname, '../../daemon/src/main.ts'),
      ...['up', '--driver', 'linux', '--home', home.path],
    ],
    { env: { BERTH_AGENT: path.join(home.path, 'agent.mjs') }, reject: false },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes('containerd'), { ...soon, what: 'the start' });
  child.kill('SIGINT');
  const { exitCode, stderr, stdout } = await child;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(stderr).toContain('berth: interrupted, the machine is not started');
  await until(async () => (await home.processes()).length === 0, { ...soon, what: 'the end of all processes' });
});

test.each([
  ['settings.json', '{"cpus": "four"}', 'cpus: expected an integer from 1 to 256, got "four"'],
  ['settings.json', '{', 'not valid JSON'],
  ['daemon.json', '{"dns": 1}', 'dns: expected a list of strings, got 1'],
])('%s with %s is one clear line', async (name, content, problem) => {
  await writeFile(path.join(home.path, name), content);
  const { exitCode, stdout, stderr } = await home.run(['up', '--driver', 'linux']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^berth: [^\n]*$/);
  expect(stderr).toContain(`${path.join(home.path, name)}: ${problem}`);
});

test('a damaged record of the machine is one clear line', async () => {
  await up();
  await home.run(['down']);
  await writeFile(path.join(home.path, 'machine/machine.json'), 'garbage');
  const { exitCode, stderr } = await home.run(['up']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^berth: .*machine\.json is damaged[^\n]*$/);
  expect((await home.run(['status'])).stderr).toMatch(/^berth: .*machine\.json is damaged[^\n]*$/);
});

test('a home that cannot be written, or is too long for sockets, is one clear line', async () => {
  await using dir = await scratchDir();
  await writeFile(dir.file('file'), '');
  const inFile = await execaUp(dir.file('file/home'));
  expect(inFile).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^berth: .*cannot be made \(ENOTDIR\)[^\n]*$/),
  });
  const tooLong = await execaUp(dir.file('x'.repeat(100)));
  expect(tooLong).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^berth: .*may have 107[^\n]*$/) });
});

test('a home on a disk that is read-only is one clear line, and can be looked at', async () => {
  await using dir = await scratchDir();
  await execa('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', dir.path]);
  try {
    const { exitCode, stderr } = await execaUp(dir.path);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^berth: .*cannot be made \(EROFS\): use another --home$/);
    expect((await execaBerth(dir.path, 'status')).stdout).toMatch(/^state +stopped$/m);
    expect((await execaBerth(dir.path, 'doctor')).stdout).toMatch(/PROBLEM +home .*not readable and writable/);
  } finally {
    await execa('umount', [dir.path]);
  }
});

test('a second daemon in a home ends with one clear line, and the first serves on', async () => {
  await up();
  const pid = await home.daemonPid();
  const { exitCode, stderr } = await home.run(['daemon']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `berth: another daemon serves ${home.path}` });
  expect(await home.daemonPid()).toBe(pid);
  expect(await get('/_ping')).toEqual({ status: 200, body: 'OK' });
});

test('a full disk is one clear line', async () => {
  await using dir = await scratchDir();
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', dir.path]);
  try {
    await writeFile(dir.file('filler'), Buffer.alloc(4096)).catch(() => undefined);
    const { exitCode, stderr } = await execaUp(dir.path);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^berth: .* cannot be (made|written) \(ENOSPC\)$/m);
  } finally {
    await execa('umount', [dir.path]);
  }
});

test('100 clients that leave in mid-stream, garbage and half bodies leave no descriptor open', async () => {
  await up();
  const pids = [(await home.daemonPid())!, pidOf('agent')];
  const descriptors = () => pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length);
  await get('/_ping');
  const before = descriptors();
  const openings = [
    'GET /events HTTP/1.1\r\nHost: d\r\n\r\n',
    'POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: 1000000\r\n\r\nhalf',
    'no HTTP at all '.repeat(1000),
    'POST /session HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ];
  const clients = Array.from({ length: 100 }, () => connect(home.engineSocket));
  for (const client of clients) client.on('error', () => undefined);
  await Promise.all(clients.map((client, at) => new Promise((sent) => client.write(openings[at % 4]!, sent))));
  await until(() => descriptors()[0]! > before[0]! + 25, { ...soon, what: 'the clients to be served' });
  for (const client of clients) client.destroy();
  // The daemon keeps up to 16 idle streams to the agent.
  const released = () => descriptors().every((count, at) => count <= before[at]! + 16);
  await until(released, { ...soon, what: 'release of all descriptors' });
  expect(await get('/_ping')).toEqual({ status: 200, body: 'OK' });
});

test('a closed stdout is no error of ours', async () => {
  const command = `"${process.execPath}" --conditions=berth-source "${path.resolve(import.meta.dirname, '../../daemon/src/main.ts')}"`;
  const { stderr } = await execa('sh', ['-c', `${command} status --home "${home.path}" | true`], { reject: false });
  expect(stderr).toBe('');
});

const execaUp = (at: string) => execaBerth(at, 'up', '--driver', 'linux');

async function execaBerth(at: string, ...args: string[]) {
  const main = path.resolve(import.meta.dirname, '../../daemon/src/main.ts');
  return execa(process.execPath, ['--conditions=berth-source', main, ...args, '--home', at], { reject: false });
}
