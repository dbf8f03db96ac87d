import type { Filters } from '../api/engine/filters.ts';
import { ConflictError, EngineError, InvalidParameterError } from '../api/index.ts';
import { untilMs } from '../images/until.ts';
import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { removeContainer } from './remove.ts';

export interface ContainersPruneReport {
  ContainersDeleted: string[] | null;
  SpaceReclaimed: number;
}

const accepted = ['label', 'label!', 'until'];

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
  filters.validate(accepted);
  const matches = pruneFilter(filters, Date.now());
  const report: ContainersPruneReport = { ContainersDeleted: null, SpaceReclaimed: 0 };
  for (const container of deps.store.all()) {
    if (isRunning(container.state) || !matches(container)) continue;
    const { size } = await deps.rootfs.usage(container.id).catch(() => ({ size: 0 }));
    if (!(await removed(deps, container))) continue;
    report.SpaceReclaimed += size;
    report.ContainersDeleted = [...(report.ContainersDeleted ?? []), container.id];
  }
  const Attributes = { reclaimed: String(report.SpaceReclaimed) };
  deps.events.publish({ Type: 'container', Action: 'prune', Actor: { ID: '', Attributes } });
  return report;
}

/** Which containers the filters of a prune mean. InvalidParameterError for a bad or a second `until`. */
export function pruneFilter(filters: Filters, nowMs: number): (container: Pick<Container, 'record'>) => boolean {
  const [until, ...more] = filters.get('until');
  if (more.length > 0) throw new InvalidParameterError('more than one until filter specified');
  const latestMs = until === undefined ? Infinity : untilMs(until, nowMs);
  return ({ record }) => {
    const labels = record.config.Labels ?? {};
    const isSpared = filters.has('label!') && filters.matchLabels('label!', labels);
    return Date.parse(record.created) <= latestMs && filters.matchLabels('label', labels) && !isSpared;
  };
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
