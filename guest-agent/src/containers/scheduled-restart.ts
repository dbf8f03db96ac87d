import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { startLocked } from './start.ts';

/** Runs the container again after a while, unless somebody stops, starts or removes it before. */
export function scheduleRestart(deps: ContainerDependencies, container: Container, delayMs: number): void {
  container.restartDelayMs = delayMs;
  const timer = setTimeout(() => void restart(deps, container), delayMs);
  container.cancelRestart = () => clearTimeout(timer);
}

function restart(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    if (container.state.phase !== 'restarting') return;
    container.update((old) => ({ ...old, restartCount: old.restartCount + 1 }));
    try {
      await startLocked(deps, container);
    } catch (error) {
      deps.log.warn({ err: error, container: container.id }, 'restart by policy failed');
      container.update((old) => ({ ...old, phase: 'exited' }));
    }
  });
}

/** Calls a pending restart off; the container then counts as stopped. Answers whether there was one. */
export function callOffRestart(container: Container): boolean {
  if (container.state.phase !== 'restarting') return false;
  container.cancelRestart();
  container.update((old) => ({ ...old, phase: 'exited' }));
  return true;
}
