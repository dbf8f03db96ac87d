import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { ConflictError, NotFoundError, SystemError } from '../../api/index.ts';
import type { Sandbox } from '../../networks/network.ts';
import type { PortMap } from '../../api/engine/host-config.ts';
import { portRequests } from '../../networks/published-ports.ts';
import { hasTask } from '../container-state.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { networkNames } from '../network-names.ts';
import { linkHostsLines, refreshLinkingHosts } from '../links/link-hosts.ts';
import { extraHostLines, hostsFile, resolvConf } from './network-files.ts';
import { NetworkMissingError, NetworkSetupError } from './start-error.ts';

/** `namespace` is a path, null for the machine's own network, undefined for one with nothing in it. */
export interface JoinedNetworks {
  namespace: string | null | undefined;
  sandbox: Sandbox | null;
}

/** Puts the container into its networks and writes /etc/hosts, hostname and resolv.conf for it. */
export async function joinNetworks(
  deps: ContainerDependencies,
  container: Container,
  undo: AsyncDisposableStack,
): Promise<JoinedNetworks> {
  const { NetworkMode: mode } = container.record.hostConfig;
  if (container.record.config.NetworkDisabled) return { namespace: undefined, sandbox: null };
  refuseBadResolver(container);
  if (mode.startsWith('container:')) return await shareNetwork(deps, container);
  const sandbox = await openSandbox(deps, container);
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

async function openSandbox(deps: ContainerDependencies, { id, name, record }: Container): Promise<Sandbox> {
  try {
    return await deps.networks.open({
      containerId: id,
      containerName: name,
      networks: networkNames(record),
      macAddresses: macAddresses(record),
    });
  } catch (error) {
    if (error instanceof NotFoundError) {
      throw new NetworkMissingError(error);
    }
    throw new NetworkSetupError(error as Error);
  }
}

function macAddresses({ networking }: Container['record']): Record<string, string> {
  const endpoints = Object.entries(networking.EndpointsConfig ?? {});
  return Object.fromEntries(
    endpoints.flatMap(([name, asked]) => (asked?.MacAddress ? [[name, asked.MacAddress]] : [])),
  );
}

function sharedContainer(deps: ContainerDependencies, reference: string): Container {
  try {
    return deps.store.get(reference);
  } catch (error) {
    const why = (error as Error).message;
    throw new SystemError(`joining network namespace of container: ${why}`, { cause: error });
  }
}

async function shareNetwork(deps: ContainerDependencies, container: Container): Promise<JoinedNetworks> {
  const other = sharedContainer(deps, container.record.hostConfig.NetworkMode.slice('container:'.length));
  if (!other.task || !hasTask(other.state)) {
    throw new ConflictError(
      `cannot join network namespace of a non running container: container ${other.name} is ${other.state.phase}`,
    );
  }
  for (const file of ['hosts', 'resolvConf', 'hostname'] as const) {
    await writeFile(container.paths[file], await readFile(other.paths[file]));
  }
  return { namespace: `/proc/${other.task.pid}/ns/net`, sandbox: null };
}

async function writeNetworkFiles(deps: ContainerDependencies, container: Container, sandbox: Sandbox): Promise<void> {
  const { paths, record } = container;
  const { config, hostConfig } = record;
  const isHost = hostConfig.NetworkMode === 'host';
  const gateway = sandbox.endpoints[0]?.gateway || '127.0.0.1';
  const extraHosts = (hostConfig.ExtraHosts ?? []).map((entry) => entry.replace(/host-gateway$/, gateway));
  const addresses = sandbox.endpoints.map((endpoint) => endpoint.ipAddress).filter((address) => address !== '');
  const hosts = isHost
    ? `${await readFile('/etc/hosts', 'utf8')}${extraHostLines(extraHosts)
        .map((line) => `${line}\n`)
        .join('')}`
    : hostsFile({
        hostname: config.Hostname,
        domainname: config.Domainname,
        addresses,
        extraHosts,
        links: linkHostsLines(deps, container),
      });
  await Promise.all([
    writeFile(paths.hosts, hosts),
    writeFile(paths.hostname, `${config.Hostname}\n`),
    writeFile(
      paths.resolvConf,
      resolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''), {
        isHost,
        dns: hostConfig.Dns?.length ? hostConfig.Dns : deps.settings.dns,
        options: hostConfig.DnsOptions?.length ? hostConfig.DnsOptions : deps.settings.dnsOptions,
        search: hostConfig.DnsSearch?.length ? hostConfig.DnsSearch : deps.settings.dnsSearch,
      }),
    ),
  ]);
}

/** Binds the container's ports on the host; all of them or none. */
export async function publishPorts(
  deps: ContainerDependencies,
  { id, name, record }: Container,
  { sandbox: { sandbox }, undo }: { sandbox: JoinedNetworks; undo: AsyncDisposableStack },
): Promise<void> {
  const endpoint = sandbox?.endpoints.find((candidate) => candidate.ipAddress !== '');
  if (!endpoint) return;
  const exposed = Object.keys(record.config.ExposedPorts ?? {});
  const ports = portRequests({
    bindings: exposedOnly(record.hostConfig.PortBindings ?? {}, exposed),
    exposed,
    publishAll: record.hostConfig.PublishAllPorts,
    targetIp: endpoint.ipAddress,
  });
  if (ports.length === 0) return;
  try {
    await deps.ports.publish({ containerId: id, ports });
  } catch (error) {
    const prefix = `driver failed programming external connectivity on endpoint ${name} (${endpoint.endpointId})`;
    throw new NetworkSetupError(new Error(`${prefix}: ${(error as Error).message}`, { cause: error }));
  }
  undo.defer(async () => void (await deps.ports.release({ containerId: id })));
}

/** dockerd publishes no port that is not exposed, too; its CLI always says both. */
function exposedOnly(bindings: PortMap, exposed: readonly string[]): PortMap {
  const full = (name: string) => (name.includes('/') ? name : `${name}/tcp`);
  const names = new Set(exposed.map(full));
  return Object.fromEntries(Object.entries(bindings).filter(([name]) => names.has(full(name))));
}
