import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { scratchDir } from '@berth/daemon/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBuildKit, otherProcessor, sampleImage, startBerth, type Berth } from '../helpers/berth.ts';
import { hasFileServers, startNfsServer, startSmbServer } from '../helpers/file-servers.ts';
import { otherImages } from '../helpers/other-images.ts';
import { tracesOf } from '../helpers/traces.ts';
import { expectPublishedPage } from '../helpers/published-page.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });

/** The stock docker CLI on containers in the microVM that this repository builds. */
describe.skipIf(exitCode !== 0)('docker in the microVM (skipped where there is no QEMU)', { timeout: 180_000 }, () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('qemu');
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  test('a container runs on the guest’s kernel, not on ours', async () => {
    const { stdout } = await berth.docker(['run', '--rm', 'busybox', 'uname', '-r']);
    expect(stdout).toContain('cloud-amd64');
  });

  test('programs of the other processor run, and are built, beside those of this one', async () => {
    const { platform, machine } = otherProcessor;
    await berth.docker(['load', '-i', otherProcessor.sampleImage]);
    await berth.docker(['tag', 'busybox', 'foreign']);
    await berth.docker(['load', '-i', sampleImage]);
    const run = (...args: string[]) => berth.docker(['run', '--rm', '--platform', platform, ...args]);
    const answer = await run('foreign', 'sh', '-c', 'uname -m; exit 7');
    expect(answer).toMatchObject({ stdout: machine, stderr: '', exitCode: 7 });
    if (!hasBuildKit) return;
    const input = 'FROM foreign\nRUN uname -m >/machine\nCMD ["cat", "/machine"]\n';
    expect(
      await berth.docker(['build', '--platform', platform, '-t', 'built', '-'], { input, timeoutMs: 150_000 }),
    ).toMatchObject({
      exitCode: 0,
    });
    expect((await run('built')).stdout).toBe(machine);
  });

  test('AppArmor confines a container, and what is run in it later', async () => {
    const profile = ['cat', '/proc/self/attr/current'];
    await berth.docker(['run', '-d', '--name', 'confined', '--cap-add', 'SYS_ADMIN', 'busybox', 'sleep', '1000']);
    expect((await berth.docker(['exec', 'confined', ...profile])).stdout).toBe('docker-default (enforce)');
    expect((await berth.docker(['exec', 'confined', 'mount', '-t', 'tmpfs', 't', '/tmp'])).stderr).toContain('denied');
    const option = ['--security-opt', 'apparmor=unconfined'];
    expect((await berth.docker(['run', '--rm', ...option, 'busybox', ...profile])).stdout).toBe('unconfined');
    const { stdout } = await berth.docker(['inspect', '-f', '{{.AppArmorProfile}}', 'confined']);
    expect(stdout).toBe('docker-default');
    await berth.docker(['rm', '-f', 'confined']);
  });

  test('a clock that is wrong is right again within seconds, to 100 ms', async () => {
    const offsetMs = async () => {
      const before = Date.now();
      const { stdout } = await berth.docker(['info', '-f', '{{.SystemTime}}']);
      const [guest, after] = [Date.parse(stdout), Date.now()];
      return guest < before ? before - guest : Math.max(0, guest - after);
    };
    await expect.poll(offsetMs, { timeout: 30_000 }).toBeLessThan(100);
    const behind = ['sh', '-c', 'date -s @$(($(date +%s) - 3600))'];
    await berth.docker(['run', '--rm', '--cap-add', 'SYS_TIME', 'busybox', ...behind]);
    await expect.poll(offsetMs, { timeout: 30_000, interval: 200 }).toBeLessThan(100);
  });

  test('bytes, exit codes and names of commands', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');
    const { stdout } = await berth.docker(['run', '-i', '--rm', 'busybox', 'sha256sum'], { input: text });
    expect(stdout.split(' ')[0]).toBe(createHash('sha256').update(text).digest('hex'));
    expect((await berth.docker(['run', '--rm', 'busybox', 'sh', '-c', 'exit 42'])).exitCode).toBe(42);
    expect((await berth.docker(['run', '--rm', 'busybox', 'no-such-program'])).exitCode).toBe(127);
  });

  test('files and file systems are copied out of a container and in', async () => {
    await berth.docker(['create', '--name', 'files', 'busybox']);
    const options = { env: { DOCKER_HOST: berth.dockerHost }, encoding: 'buffer', timeout: 60_000 } as const;
    const size = async (...args: string[]) => (await execa('docker', args, options)).stdout.length;
    expect(await size('cp', 'files:/etc/passwd', '-')).toBeGreaterThan(512);
    expect(await size('cp', 'files:/bin/busybox', '-')).toBeGreaterThan(1_000_000);
    expect(await size('export', 'files')).toBeGreaterThan(1_000_000);
    expect((await berth.docker(['cp', import.meta.filename, 'files:/in'])).exitCode).toBe(0);
    expect(await size('cp', 'files:/in', '-')).toBeGreaterThan(512);
    await berth.docker(['rm', 'files']);
  });

  test('a published port is there as soon as run has answered', async () => {
    await expectPublishedPage(berth, 'from-the-guest');
    expect((await berth.docker(['exec', 'web', 'hostname'])).exitCode).toBe(0);
    expect((await berth.docker(['top', 'web'])).stdout).toContain('httpd');
  });

  test('a container reaches what listens on the host’s loopback address', async () => {
    const service = createServer((_request, response) => response.end('from the host')).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const url = `http://host.docker.internal:${(service.address() as AddressInfo).port}/`;
    const { stdout, stderr } = await berth.docker(['run', '--rm', 'busybox', 'wget', '-T', '20', '-qO-', url]);
    service.close();
    expect(stdout || stderr).toBe('from the host');
  });

  test('containers, logs and ports outlive a daemon that is killed', async () => {
    const before = (await berth.docker(['inspect', '-f', '{{.State.Pid}}', 'web'])).stdout;
    const { stdout } = await execa('pgrep', ['-f', `berth.js daemon.*${berth.home}`]);
    process.kill(Number(stdout.split('\n')[0]), 'SIGKILL');
    expect((await berth.berth('up', '--driver', 'qemu')).exitCode).toBe(0);
    expect((await berth.docker(['inspect', '-f', '{{.State.Pid}}', 'web'])).stdout).toBe(before);
    const port = (await berth.docker(['port', 'web', '80'])).stdout.split('\n')[0]?.split(':').at(-1);
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/`)
            .then((r) => r.text())
            .catch(() => ''),
        { timeout: 10_000 },
      )
      .toBe('from-the-guest\n');
  });

  test.skipIf(!hasFileServers)('volumes are on servers of the network (NFS, Windows shares)', async () => {
    await using folder = await scratchDir();
    const place = (name: string) => ({
      folder: path.join(folder.path, 'files'),
      stateDir: path.join(folder.path, name),
    });
    await mkdir(place('').folder, { mode: 0o777 });
    await using nfs = await startNfsServer(place('nfs'));
    await using smb = await startSmbServer(place('smb'));
    // Where QEMU's own network has this machine.
    const volumes = {
      nfs: ['type=nfs', 'device=:/share', `o=addr=10.0.2.2,port=${nfs.port},nfsvers=4.1`],
      smb: ['type=cifs', 'device=//10.0.2.2/share', `o=port=${smb.port},guest,vers=3.0`],
    };
    for (const [name, options] of Object.entries(volumes)) {
      await berth.docker(['volume', 'create', ...options.flatMap((option) => ['--opt', option]), name]);
      const script = `echo by ${name} >/v/${name}; cat /v/*`;
      const run = await berth.docker(['run', '--rm', '-v', `${name}:/v`, 'busybox', 'sh', '-c', script]);
      expect(run).toMatchObject({ stderr: '', exitCode: 0, stdout: expect.stringContaining(`by ${name}`) });
      expect(await readFile(path.join(place('').folder, name), 'utf8')).toBe(`by ${name}\n`);
      expect((await berth.docker(['volume', 'rm', name])).exitCode).toBe(0);
    }
  });

  test('containers of a network find each other by name, over IPv4 and IPv6, and crun runs them, too', async () => {
    await berth.docker(['network', 'create', '--ipv6', 'backend']);
    const server = ['run', '-d', '--name', 'named', '--network', 'backend', '--network-alias', 'alias'];
    await berth.docker([...server, '--runtime', 'crun', 'busybox', 'sleep', '1000']);
    const ping = 'ping -c1 -W5 named >/dev/null && ping -6 -c1 -W5 alias >/dev/null && echo both';
    const { stdout } = await berth.docker(['run', '--rm', '--network', 'backend', 'busybox', 'sh', '-c', ping]);
    expect(stdout).toBe('both');
    await berth.docker(['rm', '-f', 'named']);
    expect((await berth.docker(['network', 'rm', 'backend'])).exitCode).toBe(0);
  });

  test('containers of an ipvlan network find each other', async () => {
    const driver = 'ipvlan';
    await berth.docker(['network', 'create', '-d', driver, driver]);
    await berth.docker(['run', '-d', '--name', `on-${driver}`, '--network', driver, 'busybox', 'sleep', '1000']);
    const ping = ['run', '--rm', '--network', driver, 'busybox', 'ping', '-c1', '-W5', `on-${driver}`];
    expect((await berth.docker(ping)).stdout).toContain('1 packets received');
    await berth.docker(['rm', '-f', `on-${driver}`]);
    expect((await berth.docker(['network', 'rm', driver])).exitCode).toBe(0);
  });

  // Skipped where scripts/setup could not build BuildKit.
  test.skipIf(!hasBuildKit)('an image is built in it', async () => {
    const built = await execa('docker', ['build', '-t', 'built', '-'], {
      input: 'FROM busybox\nRUN uname -r > /kernel\nCMD cat /kernel',
      env: { DOCKER_HOST: berth.dockerHost, DOCKER_BUILDKIT: '0' },
    });
    expect(built.stdout).toContain('Successfully tagged built:latest');
    expect((await berth.docker(['run', '--rm', 'built'])).stdout).toContain('cloud-amd64');
  });

  test('images, volumes and containers are there again in a machine of another image, with a larger disk', async () => {
    await berth.docker(['run', '--rm', '-v', 'kept:/data', 'busybox', 'sh', '-c', 'echo written > /data/file']);
    await berth.berth('down');
    await using images = await otherImages();
    const upWith = (image: string) => berth.berthWith({ BERTH_IMAGE_DIR: image }, 'up', '--disk', '80GiB');
    const broken = await upWith(images.broken);
    expect(broken.stderr).toMatch(/the VM image is corrupt: .*agent.img .*; run scripts\/setup to build it again/);
    expect(await upWith(images.newer)).toMatchObject({ exitCode: 0 });
    const statfs = ['stat', '-f', '-c', '%b %S', '/d'];
    const looked = await berth.docker(['run', '--rm', '-v', 'kept:/d', 'busybox', ...statfs]);
    expect(looked).toMatchObject({ exitCode: 0, stderr: '' });
    const [blocks = 0, blockBytes = 0] = looked.stdout.split(' ').map(Number);
    expect((blocks * blockBytes) / 1024 ** 3).toBeGreaterThan(75);
    const { stdout } = await berth.docker(['run', '--rm', '-v', 'kept:/data', 'busybox', 'cat', '/data/file']);
    expect(stdout).toBe('written');
    expect((await berth.docker(['ps', '-a', '--format', '{{.Names}} {{.State}}'])).stdout).toBe('web exited');
  });

  test('down leaves nothing on this machine', async () => {
    await berth.docker(['start', 'web']);
    expect(await tracesOf(berth.home)).not.toEqual([]);
    await berth.berth('down');
    expect(await tracesOf(berth.home)).toEqual([]);
  });

  test('data of a newer image are not given to an older one', async () => {
    const { stderr } = await berth.berth('up');
    expect(stderr).toMatch(/data are of a newer VM image .*: update berth .*, or start anew with `berth delete`/);
    await expect.poll(() => tracesOf(berth.home), { timeout: 10_000 }).toEqual([]);
  });
});
