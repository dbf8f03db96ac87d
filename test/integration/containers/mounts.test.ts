import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'mounts-'));
  berth = await startBerth('linux');
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** docker run through the API, whose mounts the CLI of this machine may not know; answers what it wrote. */
async function outputOf(Mounts: object[], ...Cmd: string[]): Promise<string> {
  const send = async (method: string, rest: string, body?: object) => {
    const answer = await engineRequest(berth.socketPath, { method, path: `/v1.51/containers/${rest}`, body });
    if (answer.status >= 400) throw new Error(answer.body);
    return answer.body;
  };
  const body = { Image: 'busybox:latest', Cmd, Tty: true, HostConfig: { Mounts } };
  const { Id } = JSON.parse(await send('POST', 'create', body)) as { Id: string };
  try {
    await send('POST', `${Id}/start`);
    await send('POST', `${Id}/wait`);
    return (await send('GET', `${Id}/logs?stdout=1`)).trim();
  } finally {
    await send('DELETE', `${Id}?force=1&v=1`);
  }
}

test('an image’s files, read-only, or a folder of them', async () => {
  const image = { Type: 'image', Source: 'busybox:latest', Target: '/image' };
  expect(await outputOf([image], 'ls', '/image/bin/busybox')).toBe('/image/bin/busybox');
  expect(await outputOf([image], 'touch', '/image/x')).toContain('Read-only file system');
  const etc = { ...image, ImageOptions: { Subpath: 'bin' } };
  expect(await outputOf([etc], 'ls', '/image/busybox')).toBe('/image/busybox');
  await expect(outputOf([{ ...image, ImageOptions: { Subpath: 'nope' } }], 'true')).rejects.toThrow('no such file');
});

test('a volume that a mount describes', async () => {
  const tmpfs = { Type: 'volume', Source: 'described', Target: '/v' };
  const options = { Labels: { a: 'b' }, DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs' } } };
  expect(await outputOf([{ ...tmpfs, VolumeOptions: options }], 'stat', '-f', '-c', '%T', '/v')).toBe('tmpfs');
  expect((await berth.docker(['volume', 'inspect', '-f', '{{.Labels}}', 'described'])).stdout).toBe('map[a:b]');
});

test('a CDI device: environment, node, mount and the groups', async () => {
  const dir = '/var/run/cdi';
  const spec = {
    cdiVersion: '0.6.0',
    kind: 'berth.test/thing',
    devices: [
      {
        name: 'one',
        containerEdits: {
          env: ['THING=one'],
          deviceNodes: [{ path: '/dev/thing', hostPath: '/dev/kmsg', permissions: 'r' }],
          mounts: [{ hostPath: folder, containerPath: '/thing', options: ['ro'] }],
          additionalGids: [4242],
        },
      },
    ],
  };
  await mkdir(dir, { recursive: true });
  const file = path.join(dir, `berth-test-${process.pid}.json`);
  await writeFile(path.join(folder, 'hello'), 'from the device\n');
  await writeFile(file, JSON.stringify(spec));
  try {
    const script = 'echo $THING; ls /dev/thing; cat /thing/hello; id -G; echo x > /dev/thing';
    const args = ['run', '--rm', '--device', 'berth.test/thing=one', 'busybox', 'sh', '-c', script];
    const { stdout, stderr } = await berth.docker(args);
    expect(stdout.split('\n')).toEqual(['one', '/dev/thing', 'from the device', expect.stringContaining('4242')]);
    expect(stderr).toContain('Operation not permitted');
    const info = await engineRequest(berth.socketPath, { method: 'GET', path: '/v1.51/info' });
    expect(JSON.parse(info.body)).toMatchObject({
      CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
      DiscoveredDevices: expect.arrayContaining([{ Source: 'cdi', ID: 'berth.test/thing=one' }]) as object,
    });
  } finally {
    await rm(file);
  }
});
