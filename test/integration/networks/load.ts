import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

export interface Load {
  networks: number;
  containers: number;
  /** Networks that each container is in besides its own; endpoints: as many times the containers. */
  joined: number;
  /** Connects and disconnects at random, all at once. */
  storm: number;
}

const parallel = 8;
const networkName = (n: number): string => `load-${n}`;
const containerName = (n: number): string => `loaded-${n}`;

export async function ask(berth: Berth, ...[method, path, body]: [string, string, unknown?]) {
  return await engineRequest(berth.socketPath, {
    method,
    path,
    ...(body !== undefined && { body }),
    timeoutMs: 120_000,
  });
}

async function must(berth: Berth, ...request: [string, string, unknown?]): Promise<string> {
  const { status, body } = await ask(berth, ...request);
  if (status >= 300) throw new Error(`${request[0]} ${request[1]}: ${status} ${body}`);
  return body;
}

async function each(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Small subnets of their own: there are more networks than Docker's pools hold. */
const subnet = (n: number): string => `10.${200 + Math.floor(n / 250)}.${n % 250}.0/24`;

export async function build(berth: Berth, { networks, containers, joined }: Load): Promise<void> {
  await each(networks, (n) =>
    must(berth, 'POST', '/networks/create', { Name: networkName(n), IPAM: { Config: [{ Subnet: subnet(n) }] } }),
  );
  await each(containers, async (n) => {
    const HostConfig = { NetworkMode: networkName(n % networks) };
    await must(berth, 'POST', `/containers/create?name=${containerName(n)}`, {
      ...{ Image: 'busybox', Cmd: ['sleep', '100000'], HostConfig },
    });
    await must(berth, 'POST', `/containers/${containerName(n)}/start`);
  });
  await each(containers * joined, (k) => {
    const n = k % containers;
    const other = (n + 1 + Math.floor(k / containers)) % networks;
    return must(berth, 'POST', `/networks/${networkName(other)}/connect`, { Container: containerName(n) });
  });
}

/** Whatever comes of each: afterwards everything has to fit together. */
export async function storm(berth: Berth, { networks, containers, joined, storm: count }: Load): Promise<number[]> {
  const statuses: number[] = [];
  await each(count, async (k) => {
    // Each pair is left and joined at once, and later by others again.
    const verb = k % 2 === 0 ? 'disconnect' : 'connect';
    const pair = Math.floor(k / 2) * 7;
    const n = pair % containers;
    const network = networkName((n + 1 + (Math.floor(pair / containers) % joined)) % networks);
    const container = containerName(n);
    const body = { Container: container, Force: false };
    statuses.push((await ask(berth, 'POST', `/networks/${network}/${verb}`, body)).status);
  });
  return statuses;
}

interface Inspected {
  Id: string;
  Containers: Record<string, { Name: string; IPv4Address: string }>;
}

/** What is wrong: an address given twice, an endpoint that its container does not have, a cable that leads nowhere. */
export async function problems(berth: Berth, { networks, containers }: Load): Promise<string[]> {
  const found: string[] = [];
  let endpoints = 0;
  for (let n = 0; n < networks; n++) {
    const { Id, Containers } = JSON.parse(await must(berth, 'GET', `/networks/${networkName(n)}`)) as Inspected;
    const addresses = Object.values(Containers).map(({ IPv4Address }) => IPv4Address);
    endpoints += addresses.length;
    if (new Set(addresses).size !== addresses.length) found.push(`${networkName(n)}: ${addresses.join()}`);
    const cables = portsOf(`br-${Id.slice(0, 12)}`);
    if (cables !== addresses.length) found.push(`${networkName(n)}: ${cables} cables, ${addresses.length} endpoints`);
  }
  let interfaces = 0;
  for (let n = 0; n < containers; n++) {
    const { stdout } = await berth.docker(['exec', containerName(n), 'ls', '/sys/class/net']);
    interfaces += stdout.split(/\s+/).filter((name) => name.startsWith('eth')).length;
  }
  if (interfaces !== endpoints) found.push(`${interfaces} interfaces for ${endpoints} endpoints`);
  return found;
}

export async function tearDown(berth: Berth, { networks, containers }: Load): Promise<void> {
  await each(containers, (n) => ask(berth, 'DELETE', `/containers/${containerName(n)}?force=1`));
  await each(networks, (n) => must(berth, 'DELETE', `/networks/${networkName(n)}`));
}

/** How many interfaces are attached to a bridge. */
const portsOf = (bridge: string): number => {
  try {
    return readdirSync(`/sys/class/net/${bridge}/brif`).length;
  } catch {
    return -1;
  }
};

/** Interfaces that this engine has made for networks: they bear the name of its own bridge. */
export async function ownLinks(berth: Berth): Promise<string[]> {
  const { Options } = JSON.parse(await must(berth, 'GET', '/networks/bridge')) as { Options: Record<string, string> };
  const mark = Options['com.docker.network.bridge.name'] ?? '';
  const aliasOf = (name: string) => readFileSync(`/sys/class/net/${name}/ifalias`, 'utf8').trim();
  return readdirSync('/sys/class/net').filter((name) => name !== mark && isThere(name) && aliasOf(name) === mark);
}

const isThere = (name: string): boolean => existsSync(`/sys/class/net/${name}/ifalias`);

/** A container that publishes a range of ports, one to one; answers how many of them are held on this host. */
export async function publish(berth: Berth, { first, count }: { first: number; count: number }): Promise<number> {
  const ports = Array.from({ length: count }, (_, i) => String(first + i));
  await must(berth, 'POST', '/containers/create?name=published', {
    ...{ Image: 'busybox', Cmd: ['sleep', '100000'] },
    ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
    HostConfig: { PortBindings: Object.fromEntries(ports.map((port) => [`${port}/tcp`, [{ HostPort: port }]])) },
  });
  await must(berth, 'POST', '/containers/published/start');
  return listening(ports);
}

/** Of these ports, how many somebody listens on (proc_net(5): state 0A). */
export function listening(ports: readonly string[]): number {
  const held = new Set(
    ['tcp', 'tcp6']
      .flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === '0A')
      .map(([, local = '']) => String(parseInt(local.split(':')[1] ?? '', 16))),
  );
  return ports.filter((port) => held.has(port)).length;
}
