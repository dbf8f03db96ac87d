import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const readAll = ['sh', '-c', 'cat && echo end of file'];

test('a client without input ends it at once: run -i and exec -i see the end of file', async () => {
  const run = await berth.docker(['run', '-i', '--rm', 'busybox', ...readAll], { timeoutMs: 20_000 });
  expect(run).toMatchObject({ stdout: 'end of file', exitCode: 0 });
  await berth.docker(['run', '-d', '--name', 'reader', 'busybox', 'sleep', '600']);
  const exec = await berth.docker(['exec', '-i', 'reader', ...readAll], { timeoutMs: 20_000 });
  expect(exec).toMatchObject({ stdout: 'end of file', exitCode: 0 });
});

test('--platform is read as the command line writes it', async () => {
  const own = await berth.docker(['run', '--rm', '--platform', 'linux/amd64', 'busybox', 'echo', 'ran']);
  expect(own).toMatchObject({ stdout: 'ran', exitCode: 0 });
  const other = await berth.docker(['create', '--pull', 'never', '--platform', 'linux/s390x', 'busybox']);
  expect(other.exitCode).toBe(1);
  expect(other.stderr).toContain('was found but does not provide the specified platform (linux/s390x)');
});

test('shared memory of a shareable container is one with its guest', async () => {
  await berth.docker(['run', '-d', '--name', 'donor', '--ipc', 'shareable', 'busybox', 'sleep', '600']);
  const guest = ['run', '--rm', '--ipc', 'container:donor', 'busybox', 'sh', '-c', 'echo hello > /dev/shm/note'];
  expect((await berth.docker(guest)).exitCode).toBe(0);
  const note = await berth.docker(['exec', 'donor', 'cat', '/dev/shm/note']);
  expect(note.stdout).toBe('hello');
  const refused = await berth.docker(['run', '--rm', '--ipc', 'container:reader', 'busybox', 'true']);
  expect(refused.stderr).toContain('non-shareable IPC (hint: use IpcMode:shareable for the donor container)');
});
