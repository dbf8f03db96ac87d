import type { Filters } from '../api/engine/filters.ts';
import { ConflictError, EngineError } from '../api/index.ts';
import { pruneFilter } from '../filters/prune-filter.ts';
import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { removeContainer } from './remove.ts';

export interface ContainersPruneReport {
  ContainersDeleted: string[] | null;
  SpaceReclaimed: number;
}

/** POST /containers/prune. One at a time. */
export class ContainerPruner {
  readonly #deps: ContainerDependencies;
  #running = false;

  constructor(deps: ContainerDependencies) {
    this.#deps = deps;
  }

  async prune(filters: Filters): Promise<ContainersPruneReport> {
    if (this.#running) throw new ConflictError('a prune operation is already running');
    this.#running = true;
    try {
      return await pruneContainers(this.#deps, filters);
    } finally {
      this.#running = false;
    }
  }
}

async function pruneContainers(deps: ContainerDependencies, filters: Filters): Promise<ContainersPruneReport> {
  const matches = pruneFilter(filters, Date.now());
  const report: ContainersPruneReport = { ContainersDeleted: null, SpaceReclaimed: 0 };
  for (const container of deps.store.all()) {
    const { created, config } = container.record;
    if (isRunning(container.state) || !matches({ created, labels: config.Labels })) continue;
    const { size } = await deps.rootfs.usage(container.id).catch(() => ({ size: 0 }));
    if (!(await removed(deps, container))) continue;
    report.SpaceReclaimed += size;
    report.ContainersDeleted = [...(report.ContainersDeleted ?? []), container.id];
  }
  const Attributes = { reclaimed: String(report.SpaceReclaimed) };
  deps.events.publish({ Type: 'container', Action: 'prune', Actor: { ID: '', Attributes } });
  return report;
}

/** It may have been started or removed meanwhile: then it is passed over. */
async function removed(deps: ContainerDependencies, container: Container): Promise<boolean> {
  try {
    await removeContainer(deps, container, { removeVolumes: false, force: false, reference: container.id });
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.warn({ err: error, container: container.id }, 'container was not pruned');
    return false;
  }
}
