import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { MachineStatus } from '@berth/daemon/api';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const cli = path.resolve(import.meta.dirname, '../../daemon/bin/berth.js');
const windows = path.resolve(import.meta.dirname, '../windows/windows.ts');

/**
 * The whole of berth as it runs on Windows (test/windows stands in for what is Windows'; never on a real one): pipes for
 * sockets and the lock, PowerShell for processes, access lists for modes, and WSL.
 */
describe('berth on a stand-in for Windows', () => {
  let parent: string;
  let home: string;
  let state: string;
  beforeAll(async () => {
    parent = await mkdtemp('/var/tmp/berth-windows-');
    [home, state] = [path.join(parent, 'home'), path.join(parent, 'wsl')];
  });
  afterAll(async () => {
    await berth('down');
    await rm(parent, { recursive: true, force: true });
  });

  const berth = (...args: string[]) =>
    execa(process.execPath, ['--import', windows, cli, ...args, '--home', home], {
      reject: false,
      env: { WSL_STAND_IN: state },
    });
  const status = async () => JSON.parse((await berth('status', '--json')).stdout) as MachineStatus;
  const pids = async () => {
    const { stdout } = await execa('pgrep', ['-f', parent], { reject: false });
    return stdout.split('\n').filter((pid) => pid !== '');
  };
  const pidFile = async (name: string) =>
    JSON.parse(await readFile(path.join(home, 'machine', name), 'utf8')) as { pid: number; started: string };

  /** What the engine answers on its pipe. */
  async function ping(dockerHost: string): Promise<string> {
    const socketPath = dockerHost.replace('npipe:////./pipe/', '\0berth-windows/');
    const ask = request({ socketPath, path: '/_ping', agent: false });
    const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
    return text(answer);
  }

  test('qemu is refused with what to use', async () => {
    const { stderr, exitCode } = await berth('up', '--driver', 'qemu');
    const line = 'berth: qemu: the qemu driver does not run on Windows: use wsl2';
    expect({ stderr, exitCode }).toEqual({ stderr: line, exitCode: 1 });
  });

  test('up says in PowerShell where the engine is, and has nothing but pipes', async () => {
    const { stdout, stderr, exitCode } = await berth('up');
    expect(stderr).toContain('distributions');
    expect(exitCode).toBe(0);
    const [, dockerHost = ''] =
      /^\$Env:DOCKER_HOST = '(npipe:\/\/\/\/\.\/pipe\/berth_engine_[0-9a-f]{8})'$/.exec(stdout) ?? [];
    expect(await status()).toMatchObject({ state: 'running', driver: 'wsl2', dockerHost });
    expect(await ping(dockerHost)).toBe('OK');
    expect((await execa('find', [home, '-type', 's', '-not', '-path', '*/wsl-machine/*'])).stdout).toBe('');
    expect(existsSync(path.join(home, 'daemon.lock'))).toBe(false);
  });

  test('a new home is its owner’s alone, by an access list', async () => {
    expect(await readFile(`${home}.icacls`, 'utf8')).toBe(
      `${home} /inheritance:r /grant:r *S-1-5-21-1-2-3-1001:(OI)(CI)F /grant:r *S-1-5-18:(OI)(CI)F /q\n`,
    );
  });

  test('processes are known by what PowerShell says of them', async () => {
    expect((await pidFile('wsl-machine.pid')).started).toMatch(/^1337\d{14}$/);
  });

  test('shell, logs and doctor', async () => {
    const shell = execa(process.execPath, ['--import', windows, cli, 'shell', '--home', home], {
      input: 'echo at $((40 + 2)); exit 7\n',
      reject: false,
    });
    expect(await shell).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('at 42') as string });
    expect((await berth('logs')).stdout).toMatch(/^daemon +\| .* info {2}the daemon serves/m);
    const { stdout } = await berth('doctor');
    expect(stdout).toMatch(/^ok +home +.* is readable, writable and private$/m);
    expect(stdout).toMatch(/^ok +driver +auto: wsl2 \(WSL /m);
    expect(stdout).toMatch(/^ok +daemon +the daemon answers, the machine is running$/m);
    expect(stdout).not.toContain('PROBLEM');
  });

  test('a daemon that is killed gives its lock back, and the next one takes the machine over', async () => {
    const { pid: before } = await pidFile('wsl-machine.pid');
    const { stdout } = await execa('pgrep', ['-f', `berth.js daemon --home ${home}`]);
    process.kill(Number(stdout), 'SIGKILL');
    await expect.poll(async () => (await status()).state).toBe('detached');
    expect((await berth('up')).exitCode).toBe(0);
    expect(await status()).toMatchObject({ state: 'running', lastStart: { adopted: true } });
    expect((await pidFile('wsl-machine.pid')).pid).toBe(before);
  });

  test('two who call up at once get one daemon', async () => {
    await berth('down');
    const both = await Promise.all([berth('up'), berth('up')]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const { stdout } = await execa('pgrep', ['-f', `berth.js daemon --home ${home}`]);
    expect(stdout.split('\n')).toHaveLength(1);
  });

  test('down ends all of it', async () => {
    expect(await berth('down')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await pids()).toEqual([]);
    expect((await status()).state).toBe('stopped');
    expect((await berth('down')).stderr).toBe('berth: the machine is not running');
  });
});
