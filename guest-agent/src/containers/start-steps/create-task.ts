import { setTimeout as delay } from 'node:timers/promises';
import { AlreadyExistsError } from '../../containerd/errors.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { endProcess, endTask } from '../release-task.ts';
import { runcOptions, runtimeOf } from '../runtimes/oci-runtime.ts';
import type { ProcessStreams } from '../stdio/process-streams.ts';
import type { OwnUsers } from './own-users.ts';

const mostAttempts = 20;
const retryMs = 100;

interface TaskParts {
  streams: ProcessStreams;
  rootfs: Awaited<ReturnType<ContainerDependencies['rootfs']['mounts']>>;
  undo: AsyncDisposableStack;
  users: OwnUsers | null;
}

/** The task, stopped before the user's program; answers its pid. */
export async function createTask(deps: ContainerDependencies, container: Container, parts: TaskParts): Promise<number> {
  const runtime = runtimeOf(deps.settings, container.record.hostConfig.Runtime);
  const pid = await replacingTask(deps, container, () =>
    deps.tasks.create({
      ...parts.streams.io,
      containerId: container.id,
      rootfs: parts.rootfs,
      runc: withOwner(runcOptions(runtime), parts.users),
    }),
  );
  parts.undo.defer(async () => {
    await endTask(deps, container.id);
  });
  return pid;
}

/** The shim's pipes belong to the containers' root. */
function withOwner(options: ReturnType<typeof runcOptions>, users: OwnUsers | null): ReturnType<typeof runcOptions> {
  if (!users || !options) return options;
  const { uid: ioUid, gid: ioGid } = users.mapping.root;
  return { ...options, ioUid, ioGid };
}

/** What a killed shim or containerd left of the last run gives way, as soon as containerd can put it away. */
async function replacingTask(
  deps: ContainerDependencies,
  { id }: Container,
  create: () => Promise<number>,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof AlreadyExistsError) || attempt === mostAttempts) throw error;
    }
    await endProcess(deps, id).catch((error: unknown) => {
      deps.log.debug({ err: error, container: id }, 'the task of the last run is still there');
    });
    await delay(retryMs);
  }
}
