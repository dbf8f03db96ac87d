import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';

const soon = { timeout: 30_000, interval: 100 };

describe.skipIf(!hasBuildKit)('networks of build steps (skipped where there is no BuildKit)', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('linux');
    await berth.docker(['network', 'create', 'mine']);
    const serve = 'mkdir /w; echo served > /w/index.html; httpd -f -h /w';
    await berth.docker(['run', '-d', '--name', 'peer', '--network', 'mine', 'busybox', 'sh', '-c', serve]);
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  /** What the steps print, or how the build failed. */
  async function steps(network: string, commands: string[], ...args: string[]): Promise<string> {
    const input = ['FROM busybox', ...commands.map((command) => `RUN ${command}`)].join('\n');
    const env = { DOCKER_HOST: berth.dockerHost, DOCKER_BUILDKIT: '0' };
    const options = ['--no-cache', ...(network === '' ? [] : ['--network', network]), ...args];
    const { stdout, stderr, exitCode } = await execa('docker', ['build', ...options, '-'], {
      env,
      input,
      reject: false,
    });
    return exitCode === 0 ? stdout : stderr;
  }
  const devices = 'ls /sys/class/net | tr "\\n" " "; echo .';
  const mounts = async () =>
    (await execa('grep', ['-c', `${berth.home}.*/net/cni/`, '/proc/self/mounts'], { reject: false })).stdout;

  it('is the default bridge, as containers have it', async () => {
    const container = await berth.docker(['run', '--rm', 'busybox', 'ip', 'route']);
    const [way = ''] = container.stdout.split('\n');
    const told = await steps(
      '',
      [devices, 'ip route', 'cat /etc/hosts'],
      '--add-host',
      'host.docker.internal:host-gateway',
    );
    expect(told).toContain('\neth0 lo .\n');
    expect(told).toContain(way);
    const ofContainer = await berth.docker([
      'run',
      '--rm',
      '--add-host',
      'h:host-gateway',
      'busybox',
      'grep',
      'h$',
      '/etc/hosts',
    ]);
    expect(told).toMatch(new RegExp(`^${ofContainer.stdout.split(/\s/)[0]}\\s+host\\.docker\\.internal$`, 'm'));
    expect((await berth.docker(['network', 'inspect', '-f', '{{len .Containers}}', 'bridge'])).stdout).toBe('0');
  });

  it('is one of the user’s, with the names in it', async () => {
    expect(await steps('mine', ['wget -qO- http://peer/', devices])).toMatch(/\nserved\n[^]*\neth0 lo \.\n/);
  });

  it('is a container’s', async () => {
    expect(await steps('container:peer', ['wget -qO- http://127.0.0.1/'])).toContain('\nserved\n');
  });

  it('is the machine’s, or none', async () => {
    const machine = (await execa('ls', ['/sys/class/net'])).stdout.split('\n');
    expect(await steps('host', [devices])).toContain(` ${machine.find((name) => name.startsWith('e')) ?? 'lo'} `);
    expect(await steps('none', [devices])).toContain('\nlo .\n');
  });

  it.each([
    ['nowhere', 'failed to set up container networking: network nowhere not found'],
    ['container:nobody', 'joining network namespace of container: No such container: nobody'],
  ])('is refused where there is none: %s', async (network, complaint) => {
    expect(await steps(network, ['true'])).toContain(complaint);
  });

  it('goes with buildkitd, however that ends', async () => {
    await steps('', ['true']);
    expect(await mounts()).not.toBe('0');
    const ids = await readdir(path.join(berth.home, 'machine/engine/builder/buildkit/net/cni'));
    const kept = async () =>
      (await readdir('/var/lib/cni/results')).filter((name) => ids.some((id) => name.includes(id)));
    expect(await kept()).not.toEqual([]);
    const pids = await execa('pgrep', ['-f', `buildkitd --config ${berth.home}`]);
    for (const pid of pids.stdout.split('\n')) process.kill(Number(pid), 'SIGKILL');
    await vi.waitFor(async () => expect(await mounts()).toBe('0'), soon);
    await vi.waitFor(async () => expect(await kept()).toEqual([]), soon);
    expect(await steps('mine', ['wget -qO- http://peer/'])).toContain('\nserved\n');
    expect((await berth.docker(['network', 'rm', '-f', 'mine'])).stderr).toContain('has active endpoints (name:"peer"');
  });
});
