import { readFile, writeFile } from 'node:fs/promises';
import { ConflictError, NotFoundError } from '../../api/index.ts';
import type { Sandbox } from '../../networks/network.ts';
import { portRequests } from '../../networks/published-ports.ts';
import { hasTask } from '../container-state.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { extraHostLines, hostsFile, resolvConf } from './network-files.ts';
import { NetworkSetupError } from './start-error.ts';

/** `namespace` is a path, or null for the machine's own network. */
export interface JoinedNetworks {
  namespace: string | null;
  sandbox: Sandbox | null;
}

/** Puts the container into its networks and writes /etc/hosts, hostname and resolv.conf for it. */
export async function joinNetworks(
  deps: ContainerDependencies,
  container: Container,
  undo: AsyncDisposableStack,
): Promise<JoinedNetworks> {
  const { NetworkMode: mode } = container.record.hostConfig;
  if (mode.startsWith('container:')) return await shareNetwork(deps, container);
  const sandbox = await openSandbox(deps, container);
  undo.defer(() => deps.networks.close(container.id));
  await writeNetworkFiles(deps, container, sandbox);
  return { namespace: mode === 'host' ? null : sandbox.path, sandbox };
}

async function openSandbox(deps: ContainerDependencies, { id, name, record }: Container): Promise<Sandbox> {
  try {
    return await deps.networks.open({
      containerId: id,
      containerName: name,
      networks: [record.hostConfig.NetworkMode],
    });
  } catch (error) {
    if (error instanceof NotFoundError) {
      throw new NotFoundError(`failed to set up container networking: ${error.message}`, { cause: error });
    }
    throw new NetworkSetupError(error as Error);
  }
}

async function shareNetwork(deps: ContainerDependencies, container: Container): Promise<JoinedNetworks> {
  const other = deps.store.get(container.record.hostConfig.NetworkMode.slice('container:'.length));
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

async function writeNetworkFiles(
  deps: ContainerDependencies,
  { paths, record }: Container,
  sandbox: Sandbox,
): Promise<void> {
  const { config, hostConfig } = record;
  const isHost = hostConfig.NetworkMode === 'host';
  const gateway = sandbox.endpoints[0]?.gateway || '127.0.0.1';
  const extraHosts = (hostConfig.ExtraHosts ?? []).map((entry) => entry.replace(/host-gateway$/, gateway));
  const addresses = sandbox.endpoints.map((endpoint) => endpoint.ipAddress).filter((address) => address !== '');
  const hosts = isHost
    ? `${await readFile('/etc/hosts', 'utf8')}${extraHostLines(extraHosts)
        .map((line) => `${line}\n`)
        .join('')}`
    : hostsFile({ hostname: config.Hostname, domainname: config.Domainname, addresses, extraHosts });
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
  const ports = portRequests({
    bindings: record.hostConfig.PortBindings ?? {},
    exposed: Object.keys(record.config.ExposedPorts ?? {}),
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
