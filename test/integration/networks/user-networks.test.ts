import { execFileSync } from 'node:child_process';
import { until } from '@berth/daemon/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentPid, type Berth, startBerth } from '../../helpers/berth.ts';

let berth: Berth;
const bridges = () =>
  execFileSync('ip', ['-br', 'link', 'show', 'type', 'bridge'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('br-'));
let before: string[];

beforeAll(async () => {
  before = bridges();
  berth = await startBerth('linux');
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  expect(bridges()).toEqual(before);
});

const docker = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await berth.docker(args);
  if (exitCode !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
};
const refused = async (...args: string[]): Promise<string> => (await berth.docker(args)).stderr.trim();
const run = (network: string, ...command: string[]) =>
  docker('run', '--rm', '--network', network, 'busybox', ...command);
const start = (name: string, ...options: string[]) =>
  docker('run', '-d', '--name', name, ...options, 'busybox', 'sleep', '600');
const addressIn = async (name: string, network: string): Promise<string> =>
  await docker('inspect', '-f', `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, name);
const lookUp = (network: string, name: string) => run(network, 'nslookup', '-type=a', name);

describe('names', () => {
  beforeAll(async () => {
    await docker('network', 'create', 'names');
    await start('server', '--network', 'names', '--network-alias', 'backend', '--hostname', 'machine');
  });
  afterAll(() => docker('rm', '-f', 'server'));

  test('a container is found by name, alias, hostname, ID and full name, and backwards', async () => {
    const address = await addressIn('server', 'names');
    const id = (await docker('inspect', '-f', '{{.Id}}', 'server')).slice(0, 12);
    for (const name of ['server', 'backend', 'machine', id, 'server.names']) {
      expect(await lookUp('names', name)).toContain(`Address: ${address}`);
    }
    expect(await run('names', 'nslookup', address)).toContain('name = server.names');
  });
  test('a new name is known at once, the old one no more', async () => {
    await docker('rename', 'server', 'renamed');
    expect(await lookUp('names', 'renamed')).toContain(`Address: ${await addressIn('renamed', 'names')}`);
    await docker('rename', 'renamed', 'server');
  });
  test('the resolver is where images expect it', async () => {
    expect(await docker('exec', 'server', 'cat', '/etc/resolv.conf')).toMatch(/^nameserver 127\.0\.0\.11$/m);
    expect(await run('bridge', 'cat', '/etc/resolv.conf')).not.toContain('127.0.0.11');
  });
  test('names go on when the agent has been killed and comes back', async () => {
    const killed = agentPid(berth.home);
    process.kill(killed, 'SIGKILL');
    const isBack = async () => agentPid(berth.home) !== killed && (await berth.docker(['version'])).exitCode === 0;
    await until(isBack, { timeoutMs: 30_000, what: 'an agent that answers' });
    const address = await addressIn('server', 'names');
    expect(await docker('exec', 'server', 'nslookup', '-type=a', 'backend')).toContain(`Address: ${address}`);
  });
});

describe('who reaches whom', () => {
  beforeAll(async () => {
    await docker('network', 'create', '--subnet', '10.201.1.0/24', 'left');
    await docker('network', 'create', '--subnet', '10.201.2.0/24', 'right');
    await docker('network', 'create', '--subnet', '10.201.3.0/24', '--internal', 'inner');
    await start('leftie', '--network', 'left', '--ip', '10.201.1.77');
  });
  afterAll(() => docker('rm', '-f', 'leftie'));
  const reaches = async (network: string, address: string) =>
    (await berth.docker(['run', '--rm', '--network', network, 'busybox', 'ping', '-c1', '-W1', address])).exitCode ===
    0;

  test('containers of one network do, those of two do not', async () => {
    expect(await addressIn('leftie', 'left')).toBe('10.201.1.77');
    // Where a dockerd runs, its own rules may stop what this engine lets through; the resolver is no forwarding.
    expect(await reaches('right', '10.201.1.77')).toBe(false);
    expect(await reaches('bridge', '10.201.1.77')).toBe(false);
  });
  test('an internal network has no way out', async () => {
    expect((await run('inner', 'ip', 'route')).trim()).toBe('10.201.3.0/24 dev eth0 scope link  src 10.201.3.2');
  });
  test('a static address is given once, outside of the subnet never', async () => {
    expect(await refused('run', '--network', 'left', '--ip', '10.201.1.77', 'busybox')).toContain(
      'Address already in use',
    );
    expect(await refused('run', '--network', 'left', '--ip', '10.9.9.9', 'busybox')).toContain(
      'no configured subnet or ip-range contain the IP address 10.9.9.9',
    );
  });
});

describe('connect and disconnect', () => {
  beforeAll(async () => {
    for (const name of ['one', 'two']) await docker('network', 'create', name);
    await docker('network', 'create', '--ipv6', 'six');
    await start('mover', '--network', 'one');
  });
  afterAll(() => docker('rm', '-f', 'mover'));
  const inside = (...command: string[]) => docker('exec', 'mover', ...command);

  test('a running container has one more interface, its names and its line in /etc/hosts', async () => {
    await docker('network', 'connect', '--alias', 'second', 'two', 'mover');
    const address = await addressIn('mover', 'two');
    expect(await inside('ip', '-4', 'addr', 'show', 'eth1')).toContain(`inet ${address}/`);
    expect(await inside('cat', '/etc/hosts')).toContain(`${address}\t`);
    expect(await lookUp('two', 'second')).toContain(`Address: ${address}`);
    expect(await refused('network', 'connect', 'two', 'mover')).toContain(
      'endpoint with name mover already exists in network two',
    );
    expect(await refused('network', 'rm', 'two')).toContain('network two has active endpoints (name:"mover"');
  });
  test('without the first network the other one is the way out, also after a restart', async () => {
    await docker('network', 'disconnect', 'one', 'mover');
    expect(await inside('ip', 'route')).toMatch(/^default via \S+ dev eth1/);
    await docker('restart', '-t', '0', 'mover');
    expect(await inside('ip', 'route')).toMatch(/^default via \S+ dev eth0/);
    expect(await refused('network', 'disconnect', 'one', 'mover')).toContain('is not connected to network one');
  });
  test('IPv6 comes with the network that has it', async () => {
    await docker('network', 'connect', 'six', 'mover');
    const address = await docker(
      ...['inspect', '-f', '{{(index .NetworkSettings.Networks "six").GlobalIPv6Address}}', 'mover'],
    );
    expect(address).toMatch(/^fd/);
    expect(await inside('ip', '-6', 'addr')).toContain(`inet6 ${address}/64`);
    expect(await inside('ip', '-6', 'route')).toContain('default via fd');
  });
  test('a stopped container joins at its next start', async () => {
    await docker('stop', '-t', '0', 'mover');
    await docker('network', 'connect', 'one', 'mover');
    await docker('start', 'mover');
    expect(await addressIn('mover', 'one')).toMatch(/^\d/);
  });
  test('published ports follow the container to a network that it still has', async () => {
    await start('served', '--network', 'one', '-p', '127.0.0.1::80');
    const port = await docker('port', 'served', '80');
    await docker('network', 'connect', 'two', 'served');
    await docker('network', 'disconnect', 'one', 'served');
    expect(await docker('port', 'served', '80')).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(port).toMatch(/^127\.0\.0\.1:\d+$/);
    await docker('rm', '-f', 'served');
  });
});

test('networks outlive the agent, and prune takes those that nobody uses', async () => {
  await docker('network', 'create', '--label', 'keep=me', 'kept');
  const pruned = await docker('network', 'prune', '-f', '--filter', 'label!=keep=me');
  expect(pruned).toContain('names');
  expect(await docker('network', 'ls', '--format', '{{.Name}}')).toContain('kept');
  await docker('network', 'rm', 'kept');
});
