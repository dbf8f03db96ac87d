import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import { tailOf, trimLog } from './bounded-log.ts';
import { readPidFile, writePidFile } from './pid-file.ts';
import { identifyProcess, isAlive, signalProcess } from './process-identity.ts';
import { spawnDetached } from './spawn-detached.ts';
import { terminate } from './terminate.ts';

test('knows a process from a later one with its number', async () => {
  const self = await identifyProcess(process.pid);
  expect(self && (await isAlive(self))).toBe(true);
  const other = { pid: process.pid, started: 'at another time' };
  expect(await isAlive(other)).toBe(false);
  expect(await signalProcess(other, 'SIGTERM')).toBe(false);
});

test('a zombie is not alive', async () => {
  const shell = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const look = () => identifyProcess(Number(line.toString()));
  while ((await look()) !== null) await new Promise(setImmediate);
  expect(await readFile(`/proc/${line.toString().trim()}/stat`, 'utf8')).toContain(' Z ');
  shell.kill('SIGKILL');
});

test('a pid file names a process only as long as that very one runs', async () => {
  await using dir = await scratchDir();
  const { identity } = await spawnDetached({ file: 'sleep', args: ['60'], cwd: '/', logFile: dir.file('log') });
  await writePidFile(dir.file('pid'), identity);
  expect(await readPidFile(dir.file('pid'))).toEqual(identity);
  await terminate(identity, { graceMs: 5_000 });
  expect(await readPidFile(dir.file('pid'))).toBeNull();
  await writeFile(dir.file('pid'), 'garbage');
  expect(await readPidFile(dir.file('pid'))).toBeNull();
});

test('a process that ignores SIGTERM is killed', async () => {
  await using dir = await scratchDir();
  const script = 'trap "" TERM; echo ready; while :; do sleep 0.05; done';
  const { identity, exited } = await spawnDetached({
    file: 'sh',
    args: ['-c', script],
    cwd: '/',
    logFile: dir.file('log'),
  });
  while ((await tailOf(dir.file('log'), 1)) !== 'ready') await new Promise(setImmediate);
  await terminate(identity, { graceMs: 200 });
  expect(await exited).toBe('killed by SIGKILL');
});

test('a program that does not exist cannot be started', async () => {
  await using dir = await scratchDir();
  const command = { file: 'no-such-program', args: [], cwd: '/', logFile: dir.file('log') };
  await expect(spawnDetached(command)).rejects.toThrow('ENOENT');
});

test('a log is cut to its last quarter and can be appended to further', async () => {
  await using dir = await scratchDir();
  await writeFile(dir.file('log'), 'old line\n'.repeat(1000));
  await trimLog(dir.file('log'), 10_000);
  expect((await stat(dir.file('log'))).size).toBe(9000);
  await trimLog(dir.file('log'), 4000);
  expect((await stat(dir.file('log'))).size).toBe(0);
  expect((await stat(dir.file('log.1'))).size).toBe(1000);
  await appendFile(dir.file('log'), 'a\nb\nc\n');
  expect(await tailOf(dir.file('log'), 2)).toBe('b\nc');
  expect(await tailOf(dir.file('nothing'), 2)).toBe('');
});
