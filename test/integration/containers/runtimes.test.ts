import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

test('a runtime that nobody knows is refused', async () => {
  const { stderr, exitCode } = await berth.docker(['run', '--runtime', 'nope', 'busybox', 'true']);
  expect(stderr).toContain('unknown or invalid runtime name: nope');
  expect(exitCode).toBe(125);
});

/** crun refuses a machine that has controllers in both cgroup versions. */
function isHybrid(): boolean {
  const file = '/sys/fs/cgroup/unified/cgroup.controllers';
  return existsSync(file) && readFileSync(file, 'utf8').trim() !== '';
}

/** Debian's crun; scripts/setup installs it. */
const canCrun = existsSync('/usr/bin/crun') && !isHybrid();

describe.skipIf(!canCrun)('crun (skipped where it is not installed, or cannot work with the cgroups)', () => {
  const docker = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await berth.docker(args);
    return exitCode === 0 ? stdout : `${exitCode}: ${stderr}`;
  };

  test('is offered', async () => {
    expect(await docker('info', '-f', '{{index .Runtimes "crun" | printf "%v"}}')).toContain('crun');
  });

  test('runs, execs, pauses, counts, changes its limits and stops', async () => {
    expect(await docker('run', '--rm', '--runtime', 'crun', 'busybox', 'echo', 'hello')).toBe('hello');
    await docker('run', '-d', '--name', 'crunched', '--runtime', 'crun', '-m', '64m', 'busybox', 'sleep', '1000');
    expect(await docker('inspect', '-f', '{{.HostConfig.Runtime}}', 'crunched')).toBe('crun');
    expect(await docker('exec', 'crunched', 'echo', 'inside')).toBe('inside');
    await docker('pause', 'crunched');
    expect(await docker('inspect', '-f', '{{.State.Status}}', 'crunched')).toBe('paused');
    await docker('unpause', 'crunched');
    expect(await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', 'crunched')).toContain('/ 64MiB');
    expect(await docker('update', '-m', '32m', '--memory-swap', '64m', 'crunched')).toBe('crunched');
    expect(await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', 'crunched')).toContain('/ 32MiB');
    expect(await docker('stop', '-t', '0', 'crunched')).toBe('crunched');
    expect(await docker('inspect', '-f', '{{.State.ExitCode}}', 'crunched')).toBe('137');
  });

  test('a command that is not there has the exit code that Docker gives it', async () => {
    const { exitCode } = await berth.docker(['run', '--rm', '--runtime', 'crun', 'busybox', 'cf-nope']);
    expect(exitCode).toBe(127);
  });

  test('running out of memory is told', async () => {
    const hog = ['sh', '-c', 'a=x; while :; do a=$a$a; done'];
    await docker('run', '--name', 'hog', '--runtime', 'crun', '-m', '16m', '--memory-swap', '16m', 'busybox', ...hog);
    expect(await docker('inspect', '-f', '{{.State.OOMKilled}} {{.State.ExitCode}}', 'hog')).toBe('true 137');
  });
});
