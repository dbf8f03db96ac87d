import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { otherProcessor, startBerth, type Berth } from '../../helpers/berth.ts';

const { machine, platform, sampleImage } = otherProcessor;
/** Whether this host runs such programs is not for its guest to decide: its containers are the host's processes. */
const hostEmulates = existsSync(`/proc/sys/fs/binfmt_misc/qemu-${machine}`);

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux', { loadSample: false });
  await berth.docker(['load', '-i', sampleImage]);
});
afterAll(() => berth[Symbol.asyncDispose]());

test('a program for another processor runs where the host emulates it, and else fails as the kernel says', async () => {
  const ran = await berth.docker(['run', '--rm', '--platform', platform, 'busybox', 'uname', '-m']);
  const refused = { stdout: '', stderr: 'exec /bin/uname: exec format error', exitCode: 1 };
  expect(ran).toEqual(hostEmulates ? { stdout: machine, stderr: '', exitCode: 0 } : refused);
});

test('docker warns of an image for a processor that nobody asked for', async () => {
  const { stderr } = await berth.docker(['create', 'busybox']);
  expect(stderr).toContain(`The requested image's platform (${platform}) does not match the detected host platform (`);
});
