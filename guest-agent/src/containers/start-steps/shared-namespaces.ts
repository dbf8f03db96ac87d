import { InvalidParameterError, SystemError } from '../../api/index.ts';
import type { Container, ContainerRecord } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { SpecContext } from '../oci-spec/context.ts';

/** --pid, --ipc, --uts: 'host' shares the machine's, 'container:ID' another container's, anything else is new. */
export function sharedNamespaces(
  deps: ContainerDependencies,
  record: ContainerRecord,
): Pick<SpecContext['namespaces'], 'ipc' | 'pid' | 'uts'> {
  const { PidMode, IpcMode, UTSMode } = record.hostConfig;
  return {
    ...namespace('pid', PidMode, (mode) => runningContainer(deps, 'PID', mode)),
    ...namespace('ipc', IpcMode, (mode) => ipcDonor(deps, mode)),
    // A container on the machine's network has the machine's name, but a UTS namespace of its own.
    ...(UTSMode === 'host' && { uts: null }),
  };
}

function namespace(kind: string, mode: string, donor: (mode: string) => Container): Record<string, string | null> {
  if (mode === 'host') return { [kind]: null };
  if (!mode.startsWith('container:')) return {};
  return { [kind]: `/proc/${donor(mode).task?.pid}/ns/${kind}` };
}

/** The container whose IPC namespace and shared memory are joined; only `shareable` ones and those on the host's are. */
export function ipcDonor(deps: ContainerDependencies, mode: string): Container {
  const donor = runningContainer(deps, 'IPC', mode);
  const isShareable = !['private', 'none'].includes(donor.record.hostConfig.IpcMode);
  if (isShareable) return donor;
  throw new SystemError(
    `failed to join IPC namespace: container ${donor.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
  );
}

/** dockerd answers 500 for what goes wrong while the spec is made, even where the request is to blame. */
function runningContainer({ store }: ContainerDependencies, kind: string, mode: string): Container {
  const reference = mode.slice('container:'.length);
  const refuse = (reason: string) => new SystemError(`failed to join ${kind} namespace: ${reason}`);
  if (reference === '') {
    throw new InvalidParameterError(`failed to join ${kind} namespace: invalid name or ID supplied: ""`);
  }
  const other = store.find(reference);
  if (!other) throw refuse(`No such container: ${reference}`);
  if (other.state.phase === 'restarting') {
    throw refuse(`Container ${reference} is restarting, wait until the container is running`);
  }
  if (!other.task) throw refuse(`container ${reference} is not running`);
  return other;
}
