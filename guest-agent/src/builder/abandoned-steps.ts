import type { ContainersClient } from '../containerd/containers.ts';
import type { TasksClient } from '../containerd/tasks.ts';
import { endTask } from '../containers/release-task.ts';

/** BuildKit's names for what runs a step. */
const stepId = /^[a-z0-9]{25}$/;

/** Ends the steps of a buildkitd that was killed. Only while none runs. */
export async function endAbandonedSteps(runtime: { tasks: TasksClient; specs: ContainersClient }): Promise<void> {
  const [tasks, specs] = await Promise.all([runtime.tasks.list(), runtime.specs.list()]);
  const ids = new Set([...tasks, ...specs].map(({ id }) => id).filter((id) => stepId.test(id)));
  await Promise.all([...ids].map((id) => endTask(runtime, id)));
}
