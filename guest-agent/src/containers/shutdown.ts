import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies, ContainerSettings } from './dependencies.ts';
import { killAndWait } from './kill.ts';
import { stopRunning } from './stop.ts';

const graceSeconds = 5;

/**
 * How long the end of all containers may take: daemon.json's shutdown-timeout, but no less than any container's own stop
 * timeout and {@link graceSeconds}; null: as long as it takes, where one of these is negative.
 */
export function shutdownTimeoutMs(
  { shutdownTimeoutSeconds, defaultStopTimeoutSeconds }: ContainerSettings,
  containers: readonly Pick<Container, 'record'>[],
): number | null {
  const own = containers.map(({ record }) => record.config.StopTimeout ?? defaultStopTimeoutSeconds);
  if ([shutdownTimeoutSeconds, ...own].some((seconds) => seconds < 0)) return null;
  return Math.max(shutdownTimeoutSeconds, ...own.map((seconds) => seconds + graceSeconds)) * 1000;
}

/** Stops every container in its own way, in at most `timeoutMs` (null: any time); what still runs then is killed. */
export async function stopAllContainers(deps: ContainerDependencies, timeoutMs: number | null): Promise<void> {
  const running = deps.store.all().filter((container) => isRunning(container.state));
  const results = await Promise.allSettled(running.map((container) => stopWithin(deps, container, timeoutMs)));
  for (const result of results) {
    if (result.status === 'rejected') deps.log.warn({ err: result.reason as Error }, 'a container did not stop');
  }
}

async function stopWithin(deps: ContainerDependencies, container: Container, timeoutMs: number | null): Promise<void> {
  const own = container.record.config.StopTimeout ?? deps.settings.defaultStopTimeoutSeconds;
  const limit = timeoutMs === null ? own : timeoutMs / 1000;
  const timeoutSeconds = own < 0 ? limit : Math.min(own, limit);
  await stopRunning(deps, container, { signal: '', timeoutSeconds });
  if (isRunning(container.state)) await killAndWait(deps, container);
}
