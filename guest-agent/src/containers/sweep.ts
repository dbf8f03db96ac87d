import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { endTask } from './release-task.ts';
import { removeLocked } from './remove.ts';
import { closeSharedMemory } from './start-steps/shared-memory.ts';

const delayMs = 1_000;
/** Builds run tasks in the same namespace; theirs are named otherwise. */
const ours = /^[0-9a-f]{64}$/;
const idLength = 64;

/**
 * Puts away what belongs to no run and to no container: a step that was cut off by a crash of the agent or of
 * containerd leaves such things. Safe at any time; containers that somebody is working on come after that work.
 */
export async function sweep(deps: ContainerDependencies): Promise<void> {
  const [tasks, specs, rootfs] = await Promise.all([deps.tasks.list(), deps.specs.list(), deps.rootfs.list()]);
  const known = deps.store.names.holders();
  // Views of images are named after the container that they belong to.
  const owner = (key: string) => key.slice(0, idLength);
  const abandoned = rootfs.filter((key) => ours.test(owner(key)) && !known.has(owner(key)));
  const runs = new Set([
    ...tasks.map(({ id }) => id),
    ...specs.map(({ id }) => id),
    ...deps.networks.sandboxes().map(({ containerId }) => containerId),
    ...deps.ports.publications().map(({ containerId }) => containerId),
  ]);
  const work = [
    ...[...runs].filter((id) => ours.test(id)).map((id) => endRun(deps, id)),
    ...deps.store.all().map((container) => finishRemoval(deps, container)),
  ];
  const results = [...(await Promise.allSettled(work))];
  results.push(...(await Promise.allSettled(abandoned.map((id) => deps.rootfs.remove(id)))));
  for (const result of results) {
    if (result.status === 'rejected') deps.log.warn({ err: result.reason as Error }, 'something could not be put away');
  }
}

async function endRun(deps: ContainerDependencies, containerId: string): Promise<void> {
  const container = deps.store.find(containerId);
  if (container?.task) return;
  const end = async () => {
    if (container?.task) return;
    await endTask(deps, containerId);
    await deps.networks.close(containerId);
    if (container) await closeSharedMemory(container);
    await deps.ports.release({ containerId });
  };
  await (container ? container.lock.run(end) : end());
}

/** A removal that failed half-way is taken up again. */
async function finishRemoval(deps: ContainerDependencies, container: Container): Promise<void> {
  const isHalfGone = () => ['removing', 'dead'].includes(container.state.phase) && !container.removing;
  if (!isHalfGone()) return;
  await container.lock.run(async () => {
    const { removesVolumes = false } = container.state;
    if (isHalfGone()) await removeLocked(deps, container, { removeVolumes: removesVolumes });
  });
}

/** Sweeps a moment after something went wrong. */
export class Sweeper implements AsyncDisposable {
  readonly #sweep: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(sweep: () => Promise<void>) {
    this.#sweep = sweep;
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#running = this.#sweep()), delayMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }
}
