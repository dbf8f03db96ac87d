import { existsSync } from 'node:fs';
import path from 'node:path';
import { driverSuite } from '@berth/daemon/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageDir, suiteOptions } from '../drivers/qemu-machine.ts';
import { type Berth, otherProcessor, sampleImage, startBerth } from '../helpers/berth.ts';
import { expectPublishedPage } from '../helpers/published-page.ts';

const { machine, platform } = otherProcessor;
const architecture = platform === 'linux/arm64' ? 'arm64' : 'amd64';
const hasImage = existsSync(path.join(imageDir(architecture), 'manifest.json'));
const hasBuilder = existsSync(path.join(imageDir(architecture), 'builder.img'));
const ownPlatform = `linux/${architecture === 'arm64' ? 'amd64' : 'arm64'}`;

describe.skipIf(!hasImage)('a machine with the other processor (skipped without scripts/setup --other-arch)', () => {
  driverSuite(`qemu, ${architecture}`, suiteOptions(architecture));

  describe('docker on it', { timeout: 300_000 }, () => {
    let berth: Berth;
    beforeAll(async () => {
      berth = await startBerth('qemu', { loadSample: false, upOptions: ['--arch', architecture] });
      await berth.docker(['load', '-i', sampleImage]);
      await berth.docker(['tag', 'busybox', 'foreign']);
      await berth.docker(['load', '-i', otherProcessor.sampleImage]);
    });
    afterAll(() => berth[Symbol.asyncDispose]());

    test('says what it is', async () => {
      const { stdout } = await berth.docker(['version', '-f', '{{.Server.Os}}/{{.Server.Arch}}']);
      expect(stdout).toBe(platform);
    });

    test('its own containers run, with a published port', async () => {
      expect((await berth.docker(['run', '--rm', 'busybox', 'uname', '-m'])).stdout).toBe(machine);
      await expectPublishedPage(berth, 'from-the-guest', 30_000);
    });

    test("containers for this host's processor run on it", async () => {
      const ran = await berth.docker(['run', '--rm', '--platform', ownPlatform, 'foreign', 'uname', '-m']);
      expect(ran).toMatchObject({ stdout: architecture === 'arm64' ? 'x86_64' : 'aarch64', exitCode: 0 });
    });

    test.skipIf(!hasBuilder)('images are built on it, for both', async () => {
      for (const [base, wanted] of [
        ['busybox', platform],
        ['foreign', ownPlatform],
      ] as const) {
        const input = `FROM ${base}\nRUN uname -m >/machine\n`;
        const options = { input, timeoutMs: 200_000 };
        const built = await berth.docker(['build', '--platform', wanted, '-t', `built-${base}`, '-'], options);
        expect(built).toMatchObject({ exitCode: 0 });
      }
    });
  });
});
