import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../helpers/berth.ts';
import { tracesOf } from '../helpers/traces.ts';
import { expectPublishedPage } from '../helpers/published-page.ts';

const parent = '/var/tmp';
const standIn = path.resolve(import.meta.dirname, '../wsl');

/** Containers in a distribution of WSL, as far as that can be seen without Windows. */
describe('docker in WSL (on a stand-in for wsl.exe)', () => {
  let berth: Berth;
  const before = { PATH: process.env['PATH'], WSL_STAND_IN: process.env['WSL_STAND_IN'] };
  const state = path.join(parent, `berth-wsl-${process.pid}`);
  beforeAll(async () => {
    process.env['PATH'] = `${standIn}:${before.PATH}`;
    process.env['WSL_STAND_IN'] = state;
    berth = await startBerth('wsl2', { parent });
  });
  afterAll(async () => {
    await berth[Symbol.asyncDispose]();
    await rm(state, { recursive: true, force: true });
    Object.assign(process.env, before);
    if (before.WSL_STAND_IN === undefined) delete process.env['WSL_STAND_IN'];
  });

  test('a container runs, and a published port of it is there', async () => {
    expect((await berth.docker(['run', '--rm', 'busybox', 'echo', 'hello'])).stdout).toBe('hello');
    await expectPublishedPage(berth, 'from-wsl');
  });

  test("binds are split and mapped as Windows' clients write them, and what is not shared is refused", async () => {
    await berth.docker(['create', '--name', 'bound', '-v', 'C:\\code:/src:ro', 'busybox', 'true']);
    const { stdout } = await berth.docker(['inspect', '-f', '{{json .HostConfig.Binds}}', 'bound']);
    expect(JSON.parse(stdout)).toEqual(['/mnt/c/code:/src:ro']);
    const started = await berth.docker(['start', 'bound']);
    expect(started.stderr).toContain('/mnt/c/code is not shared with the machine');
  });

  test.skipIf(!hasBuildKit)('an image is built in it', async () => {
    const input = 'FROM busybox\nRUN echo built >/built\nCMD ["cat", "/built"]\n';
    expect(await berth.docker(['build', '-t', 'built', '-'], { input })).toMatchObject({ exitCode: 0 });
    expect((await berth.docker(['run', '--rm', 'built'])).stdout).toBe('built');
  });

  test('containers are there again after the machine was off', async () => {
    await berth.docker(['kill', 'web']);
    await berth.berth('down');
    expect((await berth.berth('up')).exitCode).toBe(0);
    expect((await berth.docker(['ps', '-a', '--format', '{{.Names}}'])).stdout.split('\n').sort()).toEqual([
      'bound',
      'web',
    ]);
  });

  test('down leaves nothing on this machine, and delete no distribution', async () => {
    await berth.berth('down');
    expect([...(await tracesOf(berth.home)), ...(await tracesOf(state))]).toEqual([]);
    expect(await readdir(path.join(state, 'distributions'))).toHaveLength(2);
    expect(await berth.berth('delete', '--force')).toMatchObject({ exitCode: 0 });
    expect(await readdir(path.join(state, 'distributions'))).toEqual([]);
  });
});
