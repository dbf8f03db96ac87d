import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readdir, rm } from 'node:fs/promises';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { SystemError } from '../api/errors.ts';
import { runScript } from '../networks/ip-tool.ts';
import { noWishes } from '../networks/new-endpoint.ts';
import type { NetworkService } from '../networks/network-service.ts';

export interface StepNetworksOptions {
  networks: Pick<NetworkService, 'open' | 'close' | 'sandboxes'>;
  /** Path of a container's network namespace; throws where there is none. */
  namespaceOf: (container: string) => string;
  /** Resolvers for names that are no container's; empty: the machine's. */
  resolvers: readonly string[];
  /** Where the plugin asks. */
  socket: string;
  /** Folder in which BuildKit mounts the namespaces of steps. */
  namespaces: string;
}

/** What vm-images/programs/step-network asks, in CNI's words. */
interface Asked {
  command: 'ADD' | 'DEL' | 'CHECK';
  id: string;
  /** `NAME=VALUE;…` */
  arguments: string;
}

/** Connects the steps of builds; BuildKit asks for that by a CNI plugin. */
export interface StepNetworks extends AsyncDisposable {
  /** What a step has to be called to come into another network than the default bridge, or a container's. */
  hostnameFor(mode: string): string;
  /** Takes down what is left; only while no step runs. */
  closeAll(): Promise<void>;
}

const stepId = /^[a-z0-9]{25}$/;
const containerMode = 'container:';

export async function openStepNetworks(options: StepNetworksOptions): Promise<StepNetworks> {
  const { networks, socket } = options;
  const modes = new Map<string, string>();
  const failed = new Set<string>();
  const server = net.createServer((connection) => {
    answer(connection, { ...options, modes, failed }).catch(() => connection.destroy());
  });
  await rm(socket, { force: true });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  return {
    hostnameFor(mode) {
      const hostname = createHash('sha256').update(mode).digest('hex').slice(0, 12);
      modes.set(hostname, mode);
      return hostname;
    },
    async closeAll() {
      const left = networks.sandboxes().filter(({ isStep }) => isStep);
      await Promise.all(left.map(({ containerId }) => networks.close(containerId)));
      for (const id of [...failed, ...(await unmountAll(options.namespaces))]) await forgetResults(id);
      failed.clear();
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

interface Steps extends StepNetworksOptions {
  modes: ReadonlyMap<string, string>;
  /** Steps that could not be connected. */
  failed: Set<string>;
}

async function answer(connection: Socket, steps: Steps): Promise<void> {
  connection.on('error', () => connection.destroy());
  for await (const line of createInterface({ input: connection })) {
    const said = await serve(JSON.parse(line) as Asked, steps).then(
      () => ({ result: { cniVersion } }),
      (error: Error) => ({ error: error.message }),
    );
    connection.end(JSON.stringify(said));
  }
}

async function serve({ command, id, arguments: given }: Asked, steps: Steps): Promise<void> {
  if (!stepId.test(id)) throw new SystemError(`${id} is no step of a build`);
  const namespace = path.join(steps.namespaces, id);
  if (command === 'DEL') return await disconnect(id, namespace, steps);
  if (command !== 'ADD') return;
  const hostname = /(?:^|;)K8S_POD_NAME=([^;]*)/.exec(given)?.[1] ?? '';
  try {
    const target = await connect(id, steps.modes.get(hostname) ?? 'bridge', steps);
    // Over the empty one that BuildKit has made.
    await runScript(`mount --bind ${target} ${namespace}`);
  } catch (error) {
    // BuildKit forgets its own mount then.
    steps.failed.add(id);
    await disconnect(id, namespace, steps);
    throw error;
  }
}

/** Answers the path of the namespace that the step is to be in. */
async function connect(id: string, mode: string, { networks, namespaceOf, resolvers }: Steps): Promise<string> {
  if (mode.startsWith(containerMode)) return namespaceOf(mode.slice(containerMode.length));
  try {
    const endpoints = [{ ...noWishes, network: mode }];
    return (await networks.open({ containerId: id, containerName: '', endpoints, resolvers, isStep: true })).path;
  } catch (error) {
    throw new SystemError(`failed to set up container networking: ${(error as Error).message}`, { cause: error });
  }
}

/** BuildKit takes its own mount away. */
async function disconnect(id: string, namespace: string, { networks }: Steps): Promise<void> {
  await runScript(`umount -l ${namespace} 2>/dev/null || true`);
  await networks.close(id);
}

/** What a buildkitd that was killed has left; answers whose it was. */
async function unmountAll(folder: string): Promise<string[]> {
  const ids = (await readdir(folder).catch(() => [])).filter((each) => stepId.test(each));
  for (const id of ids) {
    const namespace = path.join(folder, id);
    await runScript(`while umount -l ${namespace} 2>/dev/null; do :; done`);
    await rm(namespace, { force: true });
  }
  return ids;
}

/** Where CNI's library keeps what plugins answered, until they are told of the end. */
const results = '/var/lib/cni/results';

async function forgetResults(id: string): Promise<void> {
  for (const name of [`${networkName}-${id}-eth0`, `cni-loopback-${id}-lo`]) {
    await rm(path.join(results, name), { force: true });
  }
}

const cniVersion = '1.0.0';
const networkName = 'berth';

/** The network's configuration, as BuildKit reads it. */
export const stepNetworkConfig = (socket: string): string =>
  JSON.stringify({ cniVersion, name: networkName, type: 'step-network', socket });
