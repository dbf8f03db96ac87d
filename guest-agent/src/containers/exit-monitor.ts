import type { EventsClient, TaskEvent } from '../containerd/events.ts';
import { toNanoseconds } from '../containerd/timestamp.ts';
import type { ExecDependencies } from '../exec/dependencies.ts';
import { endOrphan, endOrphansOf } from '../exec/adopt-execs.ts';
import { handleExecExit } from '../exec/handle-exec-exit.ts';
import { containerEvent } from './container-events.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { handleExit } from './handle-exit.ts';

export interface ExitMonitorOptions {
  events: EventsClient;
  containers: ContainerDependencies;
  execs: ExecDependencies;
  /** Looks at every task once the subscription stands again: containerd keeps no history. */
  reconcile: () => Promise<void>;
  signal: AbortSignal;
}

const retryMs = 200;
const secondLookMs = 1_000;

/** Follows containerd's events for as long as the agent runs, also across restarts of containerd. */
export async function monitorExits(options: ExitMonitorOptions): Promise<void> {
  const { signal, containers } = options;
  while (!signal.aborted) {
    try {
      const stream = options.events.subscribeTasks({ signal });
      const first = stream.next();
      void lookTwice(options);
      for (let step = await first; !step.done; step = await stream.next()) dispatch(options, step.value);
    } catch (error) {
      if (signal.aborted) return;
      containers.log.warn({ err: error }, 'containerd events: subscribing again');
    }
    await pause(retryMs, signal);
  }
}

/** containerd does not say when a subscription has begun: what ends just before that is found by the second look. */
async function lookTwice({ reconcile, containers, signal }: ExitMonitorOptions): Promise<void> {
  for (const waitMs of [0, secondLookMs]) {
    if (waitMs > 0) await pause(waitMs, signal);
    if (signal.aborted) return;
    await reconcile().catch((error: unknown) => containers.log.warn({ err: error }, 'tasks could not be looked at'));
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function dispatch({ containers, execs }: ExitMonitorOptions, event: TaskEvent): void {
  if (event.type === 'TaskOOM') return noteOom(containers, event.event.containerId);
  if (event.type !== 'TaskExit') return;
  const { containerId, id, pid, exitStatus, exitedAt } = event.event;
  const work = id === containerId ? containerExit() : execExit();
  work.catch((error: unknown) =>
    containers.log.error({ err: error, container: containerId }, 'exit could not be handled'),
  );

  async function containerExit(): Promise<void> {
    const container = containers.store.find(containerId);
    const atNs = exitedAt ? toNanoseconds(exitedAt) : containers.clock();
    if (container) await handleExit(containers, container, { pid, exitCode: exitStatus, atNs });
    await endOrphansOf(execs, containerId);
  }
  async function execExit(): Promise<void> {
    const exec = execs.execs.find(id);
    if (exec) await handleExecExit(execs, exec, exitStatus);
    else await endOrphan(execs, id);
  }
}

function noteOom(deps: ContainerDependencies, containerId: string): void {
  const container = deps.store.find(containerId);
  if (!container?.task) return;
  container.task.oomKilled = true;
  deps.events.publish(containerEvent(container, 'oom'));
}
