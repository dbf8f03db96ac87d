import type { IdMapping } from '../../userns/id-mapping.ts';
import { UserNamespace } from '../../userns/user-namespace.ts';
import type { ContainerRecord } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';

/** The user namespace that a container runs in. */
export interface OwnUsers {
  mapping: IdMapping;
  path: string;
  /** For a network of its own. */
  mountNetwork: (target: string) => Promise<void>;
}

/** null: the container has the machine's own users (no userns-remap, or --userns=host). */
export async function openUsers(
  deps: ContainerDependencies,
  { hostConfig }: ContainerRecord,
  temporary: AsyncDisposableStack,
): Promise<OwnUsers | null> {
  const { identity: mapping } = deps;
  if (!mapping || hostConfig.UsernsMode === 'host') return null;
  const donor = donorPid(deps, hostConfig);
  const open = donor === undefined ? UserNamespace.open(mapping) : UserNamespace.join(donor);
  const namespace = temporary.use(await open);
  return { mapping, path: namespace.path, mountNetwork: (target) => namespace.mountNetwork(target) };
}

/** Who shares any namespace has to share that of the users, too; of several containers, dockerd takes the last. */
function donorPid({ store }: ContainerDependencies, hostConfig: ContainerRecord['hostConfig']): number | undefined {
  const { NetworkMode: network, IpcMode: ipc, PidMode: pid } = hostConfig;
  const shared = [network, ipc, pid].filter((mode) => mode.startsWith('container:'));
  return store.find(shared.at(-1)?.slice('container:'.length) ?? '')?.task?.pid;
}
