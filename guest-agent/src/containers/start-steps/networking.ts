import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { ForbiddenError, NotFoundError, SystemError } from '../../api/index.ts';
import { withHostGateways } from '../../networks/host-gateway.ts';
import { machineResolvConf } from '../../networks/machine-resolvers.ts';
import type { Sandbox } from '../../networks/network.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { endpointRequest, networkNames } from '../network-names.ts';
import { linkHostsLines, refreshLinkingHosts } from '../links/link-hosts.ts';
import { extraHostLines, hostsFile, resolvConf } from './network-files.ts';
import { resolvConfNotes } from './resolv-conf-notes.ts';
import type { OwnUsers } from './own-users.ts';
import { writeOwned } from './owned-files.ts';
import { namespaceIn, sharedContainer } from './shared-network.ts';
import { NetworkMissingError, NetworkRefusedError, NetworkSetupError } from './start-error.ts';

const hostName = 'host.docker.internal';

/** `namespace` is a path, null for the machine's own network, undefined for one with nothing in it. */
export interface JoinedNetworks {
  namespace: string | null | undefined;
  sandbox: Sandbox | null;
}

/** Puts the container into its networks and writes /etc/hosts, hostname and resolv.conf for it. */
export async function joinNetworks(
  deps: ContainerDependencies,
  container: Container,
  { undo, users }: { undo: AsyncDisposableStack; users: OwnUsers | null },
): Promise<JoinedNetworks> {
  const { NetworkMode: mode } = container.record.hostConfig;
  if (container.record.config.NetworkDisabled) return { namespace: undefined, sandbox: null };
  refuseBadResolver(container);
  if (mode.startsWith('container:')) return await shareNetwork(deps, container);
  const sandbox = await openSandbox(deps, container, users);
  undo.defer(() => deps.networks.close(container.id));
  await writeNetworkFiles(deps, container, sandbox);
  await refreshLinkingHosts(deps, container);
  return { namespace: mode === 'host' ? null : sandbox.path, sandbox };
}

/** dockerd takes any --dns at create. */
function refuseBadResolver({ record }: Container): void {
  const wrong = (record.hostConfig.Dns ?? []).find((address) => isIP(address) === 0);
  if (wrong !== undefined) {
    throw new SystemError(`bad nameserver address ${wrong}: ParseAddr("${wrong}"): unable to parse IP`);
  }
}

async function openSandbox(
  deps: ContainerDependencies,
  { id, name, record }: Container,
  users: OwnUsers | null,
): Promise<Sandbox> {
  try {
    const own = record.hostConfig.Dns ?? [];
    return await deps.networks.open({
      ...{ containerId: id, containerName: name },
      endpoints: networkNames(record).map((network) => endpointRequest(record, network)),
      resolvers: own.length > 0 ? own : deps.settings.dns,
      mountNamespace: users?.mountNetwork,
    });
  } catch (error) {
    if (error instanceof NotFoundError) throw new NetworkMissingError(error);
    if (error instanceof ForbiddenError) throw new NetworkRefusedError(error);
    throw new NetworkSetupError(error as Error);
  }
}

async function shareNetwork(deps: ContainerDependencies, container: Container): Promise<JoinedNetworks> {
  const other = sharedContainer(deps.store, container.record.hostConfig.NetworkMode.slice('container:'.length));
  for (const file of ['hosts', 'resolvConf', 'hostname'] as const) {
    await writeOwned(container.paths[file], await readFile(other.paths[file]), deps.identity?.root);
  }
  return { namespace: namespaceIn(other), sandbox: null };
}

/** Writes them again after the container has joined or left a network. */
export async function rewriteHosts(deps: ContainerDependencies, container: Container): Promise<void> {
  const sandbox = deps.networks.sandboxOf(container.id);
  if (sandbox) await writeFile(container.paths.hosts, await hostsOf(deps, container, sandbox));
}

async function hostsOf(deps: ContainerDependencies, container: Container, sandbox: Sandbox): Promise<string> {
  const { config, hostConfig } = container.record;
  const gateways = deps.networks.hostGateways();
  const extraHosts = withHostGateways(hostConfig.ExtraHosts ?? [], gateways.length > 0 ? gateways : ['127.0.0.1']);
  if (hostConfig.NetworkMode === 'host') {
    const lines = extraHostLines(extraHosts).map((line) => `${line}\n`);
    return `${await readFile('/etc/hosts', 'utf8')}${lines.join('')}`;
  }
  const addresses = sandbox.endpoints.flatMap((endpoint) => [endpoint.ipAddress, endpoint.ipv6Address]);
  return hostsFile({
    hostname: config.Hostname,
    domainname: config.Domainname,
    addresses: addresses.filter((address) => address !== ''),
    extraHosts: [...extraHosts, ...hostEntries(deps, sandbox, extraHosts)],
    links: linkHostsLines(deps, container),
  });
}

/** The host's name, where no resolver of the engine's knows it and the user has not given it to another. */
function hostEntries({ networks }: ContainerDependencies, sandbox: Sandbox, given: readonly string[]): string[] {
  const addresses = networks.hostGateways();
  const isKnown = hasResolver(networks, sandbox) || given.some((entry) => entry.startsWith(`${hostName}:`));
  return isKnown || !networks.waysOut(sandbox).ipv4 ? [] : addresses.map((address) => `${hostName}:${address}`);
}

const hasResolver = (networks: ContainerDependencies['networks'], { endpoints }: Sandbox): boolean =>
  endpoints
    .map(({ networkId }) => networks.findMaybe(networkId))
    .some((network) => network && networks.hasResolver(network));

async function writeNetworkFiles(deps: ContainerDependencies, container: Container, sandbox: Sandbox): Promise<void> {
  const { paths, record } = container;
  const { config, hostConfig } = record;
  const isHost = hostConfig.NetworkMode === 'host';
  const owner = deps.identity?.root;
  const hosts = await hostsOf(deps, container, sandbox);
  const machine = await machineResolvConf();
  const choices = {
    ...{ isHost, hasResolver: hasResolver(deps.networks, sandbox) },
    dns: hostConfig.Dns?.length ? hostConfig.Dns : deps.settings.dns,
    options: hostConfig.DnsOptions?.length ? hostConfig.DnsOptions : deps.settings.dnsOptions,
    search: hostConfig.DnsSearch?.length ? hostConfig.DnsSearch : deps.settings.dnsSearch,
  };
  await Promise.all([
    writeOwned(paths.hosts, hosts, owner),
    writeOwned(paths.hostname, `${config.Hostname}\n`, owner),
    writeOwned(paths.resolvConf, `${resolvConf(machine.text, choices)}\n${resolvConfNotes(machine, choices)}`, owner),
  ]);
}
