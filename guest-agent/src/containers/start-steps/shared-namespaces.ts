import { ConflictError } from '../../api/index.ts';
import { hasTask } from '../container-state.ts';
import type { ContainerRecord } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { SpecContext } from '../oci-spec/context.ts';

/** --pid, --ipc, --uts: 'host' shares the machine's, 'container:ID' another container's, anything else is new. */
export function sharedNamespaces(
  deps: ContainerDependencies,
  record: ContainerRecord,
): Pick<SpecContext['namespaces'], 'ipc' | 'pid' | 'uts'> {
  const { PidMode, IpcMode, UTSMode } = record.hostConfig;
  return {
    ...namespace(deps, 'pid', PidMode),
    ...namespace(deps, 'ipc', IpcMode),
    // A container on the machine's network has the machine's name, but a UTS namespace of its own.
    ...namespace(deps, 'uts', UTSMode),
  };
}

function namespace(deps: ContainerDependencies, kind: string, mode: string): Record<string, string | null> {
  if (mode === 'host') return { [kind]: null };
  if (!mode.startsWith('container:')) return {};
  const other = deps.store.get(mode.slice('container:'.length));
  if (!other.task || !hasTask(other.state)) {
    throw new ConflictError(
      `cannot join ${kind.toUpperCase()} namespace of a non running container: container ${other.name} is ${other.state.phase}`,
    );
  }
  return { [kind]: `/proc/${other.task.pid}/ns/${kind}` };
}
