import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait } from './kill.ts';
import { stopRunning } from './stop.ts';

/** Stops every container in its own way, in at most `timeoutMs`; what still runs then is killed. */
export async function stopAllContainers(deps: ContainerDependencies, timeoutMs: number): Promise<void> {
  const running = deps.store.all().filter((container) => isRunning(container.state));
  const results = await Promise.allSettled(running.map((container) => stopWithin(deps, container, timeoutMs)));
  for (const result of results) {
    if (result.status === 'rejected') deps.log.warn({ err: result.reason as Error }, 'a container did not stop');
  }
}

async function stopWithin(deps: ContainerDependencies, container: Container, timeoutMs: number): Promise<void> {
  const own = container.record.config.StopTimeout ?? deps.settings.defaultStopTimeoutSeconds;
  const limit = timeoutMs / 1000;
  const timeoutSeconds = own < 0 ? limit : Math.min(own, limit);
  await stopRunning(deps, container, { signal: '', timeoutSeconds });
  if (isRunning(container.state)) await killAndWait(deps, container);
}
