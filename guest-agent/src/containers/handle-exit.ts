import { parseRfc3339Nano } from '../clock.ts';
import { containerEvent } from './container-events.ts';
import { exited } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { releaseTask } from './release-task.ts';
import { removeLocked } from './remove.ts';
import { restartDelayMs } from './restart-policy.ts';
import { scheduleRestart } from './scheduled-restart.ts';
import type { Task } from './task.ts';

export interface TaskEnd {
  pid: number;
  exitCode: number;
  /** Wall clock, nanoseconds. */
  atNs: bigint;
  /** The machine went down with it: what runs again is decided when it is up. */
  isFinal?: boolean;
}

/** A process that left children behind on its output does not hold the container for longer than this. */
const drainTimeoutMs = 2_000;
/** One whose log server is slow in taking what is left may take longer, as long as dockerd lets it. */
const slowLogTimeoutMs = 10_000;

/** What follows when a container's process has ended. An end that belongs to no task of ours is passed over. */
export function handleExit(deps: ContainerDependencies, container: Container, end: TaskEnd): Promise<void> {
  return container.lock.run(async () => {
    const { task } = container;
    if (task?.pid !== end.pid) return;
    await drain(task);
    await deps.fault?.('exit:after-drain', container.id);
    container.task = null;
    await deps.ports.release({ containerId: container.id }).catch((error: unknown) => {
      deps.log.warn({ err: error, container: container.id }, 'ports were not released');
    });
    await deps.fault?.('exit:after-ports', container.id);
    const delayMs = deps.isShuttingDown() || end.isFinal ? null : nextRun(container, end);
    await settle(deps, container, { task, end, delayMs });
  });
}

async function drain(task: Task): Promise<void> {
  const { ended, output } = task.streams;
  let waitedMs = 0;
  while (!(await endsWithin(ended, drainTimeoutMs))) {
    waitedMs += drainTimeoutMs;
    if (!output.isHeld || waitedMs >= slowLogTimeoutMs) break;
  }
  await task.log?.close();
}

async function endsWithin(ended: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  const isOver = await Promise.race([ended.then(() => true), timeout]);
  clearTimeout(timer);
  return isOver;
}

function nextRun(container: Container, end: TaskEnd): number | null {
  const { state, record } = container;
  return restartDelayMs({
    policy: record.hostConfig.RestartPolicy,
    exitCode: end.exitCode,
    restartCount: state.restartCount,
    stoppedByUser: state.stoppedByUser,
    ranMs: Number((end.atNs - parseRfc3339Nano(state.startedAt)) / 1_000_000n),
    previousDelayMs: container.restartDelayMs,
  });
}

interface Settlement {
  task: Task;
  end: TaskEnd;
  delayMs: number | null;
}

/** The state is told first, so that nobody waits for the cleaning up; the lock keeps the next start behind it. */
async function settle(
  deps: ContainerDependencies,
  container: Container,
  { task, end, delayMs }: Settlement,
): Promise<void> {
  const { exitCode, atNs } = end;
  const ranSeconds = (atNs - parseRfc3339Nano(container.state.startedAt)) / 1_000_000_000n;
  deps.health.end(container);
  container.note(exited({ exitCode, atNs, oomKilled: task.oomKilled }, delayMs !== null));
  deps.events.publish(
    containerEvent(container, 'die', { execDuration: String(ranSeconds), exitCode: String(exitCode) }),
  );
  await deps.fault?.('exit:after-state', container.id);
  await releaseTask(deps, container, task);
  await deps.fault?.('exit:after-release', container.id);
  if (delayMs !== null) scheduleRestart(deps, container, delayMs);
  else if (container.record.hostConfig.AutoRemove && container.restarts === 0) {
    await removeLocked(deps, container, { removeVolumes: true });
  }
}
