import { execFile } from 'node:child_process';
import { chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleImage, startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

const run = promisify(execFile);
const user = 'dockremap';
const isThere = () =>
  run('getent', ['passwd', user]).then(
    () => true,
    () => false,
  );

let berth: Berth;
let folder: string;
let isOurs = false;
/** Where the ids of the containers' root begin. */
let first: number;

beforeAll(async () => {
  isOurs = !(await isThere());
  folder = await mkdtemp(path.join(os.tmpdir(), 'userns-'));
  berth = await startBerth('linux', { loadSample: false });
  await berth.berth('down');
  await writeFile(path.join(berth.home, 'daemon.json'), JSON.stringify({ 'userns-remap': 'default' }));
  const { exitCode, stderr } = await berth.berth('up', '--driver', 'linux');
  expect(`${exitCode}${stderr}`).toMatch(/^0/);
  await berth.docker(['load', '-i', sampleImage]);
  const line = (await readFile('/etc/subuid', 'utf8')).split('\n').find((text) => text.startsWith(`${user}:`));
  first = Number(line?.split(':')[1]);
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  if (isOurs) await run('userdel', [user]);
});

const docker = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await berth.docker(args);
  return stdout || stderr;
};
const sh = (script: string, ...options: string[]) => docker('run', '--rm', ...options, 'busybox', 'sh', '-c', script);
const ownerOf = async (file: string) => {
  const { uid, gid } = await stat(file);
  return [uid - first, gid - first];
};

test('root is somebody else on the machine, and everything that is the container’s is root’s inside', async () => {
  const made = path.join(folder, 'made/by/bind');
  const files = '/bin/busybox /etc/hosts /etc/hostname /etc/resolv.conf /data /t /made /dev/shm /new/work';
  const options = ['-v', 'mapped:/data', '--tmpfs', '/t', '-v', `${made}:/made`, '-w', '/new/work'];
  const output = await sh(`cat /proc/self/uid_map; touch /data/f; stat -c %u:%g ${files}`, ...options);
  const [map, ...owners] = output.split('\n');
  expect(map?.trim().split(/\s+/)).toEqual(['0', String(first), '65536']);
  expect(new Set(owners)).toEqual(new Set(['0:0']));
  const volume = await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', 'mapped');
  expect(await ownerOf(volume)).toEqual([0, 0]);
  expect(await ownerOf(path.join(volume, 'f'))).toEqual([0, 0]);
  expect(await ownerOf(path.dirname(made))).toEqual([0, 0]);
  expect(await stat(folder)).toMatchObject({ uid: 0 });
  expect(await sh('touch /b/x', '-v', `${folder}:/b`)).toContain('Permission denied');
});

test('a network of its own, which its root may manage; namespaces of others', async () => {
  expect(await sh('ping -c1 -W5 127.0.0.1 && ip link set lo down', '--cap-add', 'NET_ADMIN')).toContain(
    ', 0% packet loss',
  );
  await docker('run', '-d', '--name', 'donor', '--ipc', 'shareable', 'busybox', 'sleep', '1000');
  const own = await docker('exec', 'donor', 'readlink', '/proc/self/ns/user');
  for (const kind of ['pid', 'ipc', 'network']) {
    expect(await sh('readlink /proc/self/ns/user', `--${kind}`, 'container:donor')).toBe(own);
  }
  expect(await sh('readlink /proc/self/ns/user')).not.toBe(own);
  await docker('rm', '-f', 'donor');
});

test('copies, commits and exports speak of the container’s ids', async () => {
  await docker('run', '-d', '--name', 'files', 'busybox', 'sh', '-c', 'echo x >/f; chown 33:34 /f; sleep 1000');
  const file = path.join(folder, 'file');
  await writeFile(file, 'new');
  await chown(file, 7, 8);
  await docker('cp', '-a', file, 'files:/copied');
  expect(await docker('exec', 'files', 'stat', '-c', '%u:%g', '/copied')).toBe('7:8');
  await chown(file, 300_000, 0);
  expect(await docker('cp', '-a', file, 'files:/copied')).toContain(
    'container ID 300000 cannot be mapped to a host ID',
  );
  expect((await docker('diff', 'files')).split('\n').sort()).toEqual(['A /copied', 'A /f']);
  const archive = path.join(folder, 'export.tar');
  await docker('export', '-o', archive, 'files');
  const { stdout } = await run('tar', ['-tvf', archive, '--numeric-owner']);
  expect(stdout).toMatch(/ 33\/34 .* f\n/);
  expect(stdout).toMatch(/ 0\/0 .* bin\/busybox\n/);
  await docker('commit', 'files', 'mapped-image');
  expect(await docker('run', '--rm', 'mapped-image', 'stat', '-c', '%u:%g', '/f', '/copied')).toBe('33:34\n7:8');
  await docker('rm', '-f', 'files');
});

test.each([
  [
    { Privileged: true },
    'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
  ],
  [{ NetworkMode: 'host' }, "cannot share the host's network namespace when user namespaces are enabled"],
  [{ PidMode: 'host' }, 'cannot share the host PID namespace when user namespaces are enabled'],
])('%j is refused, but not with --userns=host', async (HostConfig, message) => {
  const create = (more: object) =>
    engineRequest(berth.socketPath, {
      method: 'POST',
      path: '/v1.51/containers/create',
      body: { Image: 'busybox', HostConfig: { ...HostConfig, ...more } },
    });
  const refused = await create({});
  expect([refused.status, JSON.parse(refused.body)]).toEqual([400, { message }]);
  expect((await create({ UsernsMode: 'host' })).status).toBe(201);
});

test('--userns=host has the machine’s users, and files of the others', async () => {
  const output = await sh('cat /proc/self/uid_map; stat -c %u /bin/busybox', '--userns', 'host', '--network', 'host');
  expect(output.trim().split(/\s+/)).toEqual(['0', '0', '4294967295', String(first)]);
});

test('/info tells of it; the images of other ids are not seen', async () => {
  const info = await docker('info', '-f', '{{json .SecurityOptions}} {{.DockerRootDir}}');
  expect(info).toMatch(new RegExp(`"name=userns".* .*/engine/${first}\\.${first}$`));
  await berth.berth('down');
  await rm(path.join(berth.home, 'daemon.json'));
  await berth.berth('up', '--driver', 'linux');
  expect(await docker('images', '-q')).toBe('');
  await docker('load', '-i', sampleImage);
  expect(await sh('stat -c %u /bin/busybox; wc -l </proc/self/uid_map')).toBe('0\n1');
});

test('what cannot be mapped is refused in one line', async () => {
  await berth.berth('down');
  await writeFile(path.join(berth.home, 'daemon.json'), JSON.stringify({ 'userns-remap': 'nobody-here' }));
  const { exitCode, stderr } = await berth.berth('up', '--driver', 'linux');
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(
    'daemon.json: Error during uid lookup for "nobody-here": getent unable to find entry "nobody-here" in passwd database',
  );
  expect(stderr).not.toContain('    at ');
});
