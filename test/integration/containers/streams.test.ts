import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';
import { openHijacked, readUntil } from '../../helpers/hijack.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const run = (...args: string[]) => berth.docker(['run', '--rm', 'busybox', ...args]);

/** Pseudo-random bytes from a fixed seed (xorshift32), so that a failure can be repeated. */
function* seededBlocks(totalBytes: number): Generator<Buffer> {
  const block = Buffer.allocUnsafe(1024 * 1024);
  let state = 0x9e3779b9;
  for (let sent = 0; sent < totalBytes; sent += block.length) {
    for (let at = 0; at < block.length; at += 4) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      block.writeInt32LE(state | 0, at);
    }
    yield Buffer.from(block);
  }
}

async function digestInto(hash: Hash, source: AsyncIterable<Buffer>): Promise<string> {
  for await (const chunk of source) hash.update(chunk);
  return hash.digest('hex');
}

describe('output', () => {
  test('500 MB piped through a container come back byte for byte', { timeout: 300_000 }, async () => {
    const child = spawn('docker', ['run', '-i', '--rm', '--log-driver', 'none', 'busybox', 'cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, DOCKER_HOST: berth.dockerHost },
    });
    const sent = createHash('sha256');
    const source = Readable.from(seededBlocks(500 * 1024 * 1024)).on('data', (chunk: Buffer) => sent.update(chunk));
    const [received] = await Promise.all([
      digestInto(createHash('sha256'), child.stdout),
      pipeline(source, child.stdin),
    ]);
    expect(received).toBe(sent.digest('hex'));
  });

  test('stdout and stderr stay apart, each in order', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done';
    const { stdout, stderr } = await run('sh', '-c', script);
    const lines = (name: string) => Array.from({ length: 2000 }, (_, i) => `${name}${i}`).join('\n');
    expect(stdout).toBe(lines('out'));
    expect(stderr).toBe(lines('err'));
  });

  test('logs keep what was written, also without a newline at the end', async () => {
    await berth.docker(['run', '--name', 'log', 'busybox', 'sh', '-c', 'echo one; echo two >&2; printf three']);
    const { stdout, stderr } = await berth.docker(['logs', 'log']);
    expect([stdout, stderr]).toEqual(['one\nthree', 'two']);
    expect((await berth.docker(['logs', '--tail', '1', 'log'])).stdout).toBe('three');
    expect((await berth.docker(['logs', '-t', 'log'])).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{18}Z one\n/);
  });

  test('following a log ends with the container', async () => {
    await berth.docker([
      'run',
      '-d',
      '--name',
      'follow',
      'busybox',
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; sleep 0.2; done',
    ]);
    expect((await berth.docker(['logs', '-f', 'follow'])).stdout).toBe('1\n2\n3');
  });
});

describe('exit codes', () => {
  test.each([0, 1, 42, 125, 126, 127, 137, 255])('%i', async (code) => {
    expect((await run('sh', '-c', `exit ${code}`)).exitCode).toBe(code);
  });

  test('a signal gives 128 and its number', async () => {
    await berth.docker(['run', '-d', '--name', 'signalled', 'busybox', 'sleep', '1000']);
    await berth.docker(['kill', 'signalled']);
    expect((await berth.docker(['wait', 'signalled'])).stdout).toBe('137');
  });

  test('what cannot be started: 127 not found, 126 not executable, 125 refused', async () => {
    expect((await run('no-such-program')).exitCode).toBe(127);
    expect((await run('/etc')).exitCode).toBe(126);
    expect((await berth.docker(['run', '--rm', '--memory', '1k', 'busybox', 'true'])).exitCode).toBe(125);
    expect((await berth.docker(['run', '--rm', 'no-such-image:1', 'true'])).exitCode).toBe(125);
  });

  test('an exec has its own', async () => {
    await berth.docker(['run', '-d', '--name', 'codes', 'busybox', 'sleep', '1000']);
    expect((await berth.docker(['exec', 'codes', 'sh', '-c', 'exit 7'])).exitCode).toBe(7);
    expect((await berth.docker(['exec', 'codes', 'no-such-program'])).exitCode).toBe(127);
    expect((await berth.docker(['exec', '-i', 'codes', 'cat'], { input: 'typed' })).stdout).toBe('typed');
  });
});

describe('terminals', () => {
  const create = async (name: string, cmd: string[]) => {
    const body = { Image: 'busybox', Cmd: cmd, Tty: true, OpenStdin: true, StdinOnce: true };
    await engineRequest(berth.socketPath, { method: 'POST', path: `/containers/create?name=${name}`, body });
    const stream = await openHijacked({
      socketPath: berth.socketPath,
      path: `/containers/${name}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    });
    await engineRequest(berth.socketPath, { method: 'POST', path: `/containers/${name}/start` });
    return stream;
  };

  test('a size given later reaches the program', async () => {
    const stream = await create('tty-size', ['sh']);
    await engineRequest(berth.socketPath, { method: 'POST', path: '/containers/tty-size/resize?h=33&w=77' });
    stream.write('stty size\n');
    expect(await readUntil(stream, (text) => text.includes('33 77'))).toContain('33 77');
    stream.write('exit\n');
    await readUntil(stream, () => false);
  });

  test('Ctrl-C interrupts', async () => {
    const stream = await create('tty-interrupt', [
      'sh',
      '-c',
      'trap "echo caught; exit 5" INT; echo ready; sleep 1000 & wait',
    ]);
    await readUntil(stream, (text) => text.includes('ready'));
    stream.write('\x03');
    expect(await readUntil(stream, () => false)).toContain('caught');
    const { stdout } = await berth.docker(['wait', 'tty-interrupt']);
    expect(stdout).toBe('5');
  });

  test('Ctrl-P Ctrl-Q detaches, the container runs on', async () => {
    const stream = await create('tty-detach', ['sh', '-c', 'echo ready; sleep 1000']);
    await readUntil(stream, (text) => text.includes('ready'));
    stream.write('\x10\x11');
    await readUntil(stream, () => false);
    const { stdout } = await berth.docker(['inspect', '-f', '{{.State.Running}}', 'tty-detach']);
    expect(stdout).toBe('true');
  });
});
