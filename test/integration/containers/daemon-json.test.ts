import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

const daemonJson = {
  'default-ulimits': { nofile: { Name: 'nofile', Hard: 2048, Soft: 1024 } },
  'default-ipc-mode': 'shareable',
  'cgroup-parent': '/berth-test',
  'no-new-privileges': true,
  'seccomp-profile': 'unconfined',
  init: true,
  runtimes: { quiet: { path: 'runc', runtimeArgs: ['--log-format', 'json'] } },
  'default-runtime': 'quiet',
  features: { cdi: false },
};

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux', { daemonJson });
});
afterAll(() => berth[Symbol.asyncDispose]());

test('containers get what daemon.json says', async () => {
  const script =
    'ulimit -Sn; ulimit -Hn; cat /proc/1/comm; grep NoNewPrivs /proc/self/status; grep Seccomp: /proc/self/status';
  const { stdout } = await berth.docker(['run', '--rm', 'busybox', 'sh', '-c', script]);
  expect(stdout.split('\n')).toEqual(['1024', '2048', 'docker-init', 'NoNewPrivs:\t1', 'Seccomp:\t0']);
  await berth.docker(['run', '-d', '--name', 'configured', '--init=false', 'busybox', 'sleep', '1000']);
  const format = '{{.HostConfig.IpcMode}} {{.HostConfig.Runtime}} {{json .HostConfig.Ulimits}}';
  expect((await berth.docker(['inspect', '-f', format, 'configured'])).stdout).toBe(
    'shareable quiet [{"Name":"nofile","Hard":2048,"Soft":1024}]',
  );
  const inside = ['exec', 'configured', 'sh', '-c', 'ulimit -Hn; cat /proc/1/comm; cat /proc/1/cgroup'];
  const exec = (await berth.docker(inside)).stdout;
  expect(exec).toMatch(/^2048\nsleep\n/);
  expect(exec).toContain('/berth-test/');
  // What the container asks for itself wins.
  const own = await berth.docker(['run', '--rm', '--ulimit', 'nofile=50:60', 'busybox', 'sh', '-c', 'ulimit -Hn']);
  expect(own.stdout).toBe('60');
});

test('/info tells of it', async () => {
  const { stdout } = await berth.docker([
    'info',
    '-f',
    '{{json .SecurityOptions}} {{.DefaultRuntime}} {{.CDISpecDirs}}',
  ]);
  expect(stdout).toMatch(/^\["name=seccomp,profile=unconfined",.*"name=no-new-privileges"\] quiet \[\]$/);
  const refused = await berth.docker(['run', '--rm', '--device', 'berth.test/thing=one', 'busybox', 'true']);
  expect(refused.stderr).toContain('could not select device driver "cdi" with capabilities: []');
});

test('values that make no sense are refused in one line', async () => {
  await using other = await startBerth('linux', { loadSample: false });
  await other.berth('down');
  await writeFile(path.join(other.home, 'daemon.json'), JSON.stringify({ 'default-runtime': 'nope' }));
  const { exitCode, stderr } = await other.berth('up', '--driver', 'linux');
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("daemon.json: specified default runtime 'nope' does not exist");
  expect(stderr).not.toContain('    at ');
});
