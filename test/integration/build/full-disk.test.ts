import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';
import { openSmallDisk, type SmallDisk } from '../../helpers/small-disk.ts';

const diskBytes = 128 * 1024 ** 2;
const larger = 'RUN dd if=/dev/urandom of=/large bs=1M count=200';

describe.skipIf(!hasBuildKit)('builds on a small disk (skipped where there is no BuildKit)', () => {
  let disk: SmallDisk;
  let berth: Berth;
  beforeAll(async () => {
    disk = await openSmallDisk(diskBytes);
    berth = await startBerth('linux', { parent: disk.mountpoint });
  });
  afterAll(async () => {
    await disk.free();
    await berth[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });

  const build = async (...lines: string[]) => {
    const env = { DOCKER_HOST: berth.dockerHost, DOCKER_BUILDKIT: '0' };
    const input = ['FROM busybox', ...lines].join('\n');
    return await execa('docker', ['build', '-t', 'built', '-'], { env, input, all: true, reject: false });
  };

  it('a step that writes more than there is fails, and gives the disk back', async () => {
    const failed = await build(larger);
    expect(failed.exitCode).toBe(1);
    expect(failed.all).toMatch(/No space left on device/);
    expect((await berth.docker(['images', '-q', 'built'])).stdout).toBe('');
    expect((await build('RUN echo small > /small')).exitCode).toBe(0);
  });

  it('a build on a full disk is refused, and works once there is space', async () => {
    disk.fill();
    const refused = await build('RUN echo other > /other');
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toMatch(/no space left on device/i);
    await disk.free();
    const built = await build('RUN echo other > /other');
    expect(built.exitCode, built.all).toBe(0);
    expect((await berth.docker(['run', '--rm', 'built', 'cat', '/other'])).stdout).toBe('other');
  });
});
