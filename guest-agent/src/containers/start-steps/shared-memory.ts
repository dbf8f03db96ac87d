import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { mountLocal, unmountLocal } from '../../volumes/local-mounts.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { ipcDonor } from './shared-namespaces.ts';

/** A container whose shared memory others may use has it on a mount of its own, outside of its namespace. */
const ownMount = (container: Container): string => path.join(container.paths.runDir, 'shm');

/** The folder that becomes /dev/shm; null: a tmpfs made inside the container, or none (--ipc=none). */
export async function openSharedMemory(
  deps: ContainerDependencies,
  container: Container,
  undo: AsyncDisposableStack,
): Promise<string | null> {
  const { IpcMode: mode, ShmSize: size } = container.record.hostConfig;
  if (mode !== 'shareable') return sharedMemoryOf(deps, container);
  if (container.record.mounts.some((mount) => mount.destination === '/dev/shm')) return null;
  const target = ownMount(container);
  await mkdir(target, { recursive: true, mode: 0o700 });
  await unmountLocal(target);
  const owner = deps.identity ? `,uid=${deps.identity.root.uid},gid=${deps.identity.root.gid}` : '';
  const options = `noexec,nosuid,nodev,mode=1777,size=${size}${owner}`;
  await mountLocal({ type: 'tmpfs', device: 'shm', options, target });
  undo.defer(() => unmountLocal(target));
  return target;
}

/** Nothing happens where the container had none. */
export async function closeSharedMemory(container: Container): Promise<void> {
  if (container.record.hostConfig.IpcMode === 'shareable') await unmountLocal(ownMount(container));
}

function sharedMemoryOf(deps: ContainerDependencies, container: Container): string | null {
  const { IpcMode: mode } = container.record.hostConfig;
  if (mode === 'host') return '/dev/shm';
  if (mode === 'shareable') return ownMount(container);
  return mode.startsWith('container:') ? sharedMemoryOf(deps, ipcDonor(deps, mode)) : null;
}
