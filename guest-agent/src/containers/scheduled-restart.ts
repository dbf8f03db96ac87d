import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { startLocked } from './start.ts';

/** Runs the container again after a while, unless somebody stops or removes it before. */
export function scheduleRestart(deps: ContainerDependencies, container: Container, delayMs: number): void {
  container.restartDelayMs = delayMs;
  const timer = setTimeout(() => {
    restart(deps, container).catch((error: unknown) => {
      deps.log.warn({ err: error, container: container.id }, 'restart by policy failed');
    });
  }, delayMs);
  container.cancelRestart = () => clearTimeout(timer);
}

async function restart(deps: ContainerDependencies, container: Container): Promise<void> {
  await deps.startupDone;
  await container.lock.run(async () => {
    if (container.state.phase !== 'restarting' || deps.isShuttingDown()) return;
    try {
      await startLocked(deps, container);
    } catch (error) {
      container.note((old) => (old.phase === 'restarting' ? { ...old, phase: 'exited' } : old));
      throw error;
    }
  });
}

/** Calls a pending restart off: the container has stopped. The caller holds the lock. */
export function callOffRestart(container: Container): void {
  container.cancelRestart();
  container.note((old) => ({ ...old, phase: 'exited' }));
}
