import type { Filters } from '../api/engine/filters.ts';
import { hasLabel } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/index.ts';
import { isRunning, type Phase } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { linkNamesByTarget } from './links/link.ts';
import { type ContainerSummary, summaryView } from './views/summary-view.ts';
import { endpointsView, portsView } from './views/network-settings-view.ts';

export interface ListOptions {
  /** Also those that do not run. */
  all: boolean;
  /** At most so many of the newest, running or not; 0 for no limit. */
  limit: number;
  size: boolean;
  filters: Filters;
}

const accepted = [
  'ancestor', 'before', 'exited', 'id', 'isolation', 'label', 'name', 'status', 'health', 'since', 'volume', 'network', 'is-task',
  'publish', 'expose',
] as const; // prettier-ignore

const statuses: readonly string[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const healths: readonly string[] = ['none', 'starting', 'healthy', 'unhealthy'];

/** Rows of GET /containers/json, newest first. */
export async function listContainers(deps: ContainerDependencies, options: ListOptions): Promise<ContainerSummary[]> {
  const { filters } = options;
  filters.validate(accepted);
  const matches = await matcher(deps, filters);
  const all =
    options.all ||
    options.limit > 0 ||
    filters.has('status') ||
    filters.has('exited') ||
    filters.has('before') ||
    filters.has('since');
  const sorted = deps.store.all().sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
  const chosen = sorted.filter((container) => (all || isRunning(container.state)) && matches(container));
  const limited = options.limit > 0 ? chosen.slice(0, options.limit) : chosen;
  const nowMs = Date.now();
  const linkNames = linkNamesByTarget(sorted);
  return await Promise.all(
    limited.map(async (container) => {
      const sizes = options.size ? await containerSizes(deps, container) : null;
      return summaryView(container, deps, { nowMs, sizes, linkNames: linkNames.get(container.id) ?? [] });
    }),
  );
}

export async function containerSizes(
  deps: ContainerDependencies,
  { id }: Container,
): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const [{ size }, total] = await Promise.all([deps.rootfs.usage(id), deps.rootfs.totalSize(id)]);
  return { SizeRw: size, SizeRootFs: total };
}

type Predicate = (container: Container) => boolean;

/** All filters must hold; of one filter's values one is enough, but for labels, which must all be there. */
async function matcher(deps: ContainerDependencies, filters: Filters): Promise<Predicate> {
  const any = (name: string, test: (container: Container, value: string) => boolean): Predicate => {
    const values = filters.get(name);
    return values.length === 0 ? () => true : (container) => values.some((value) => test(container, value));
  };
  checkValues(filters);
  const ancestors = await ancestorIds(deps, filters.get('ancestor'));
  const predicates: Predicate[] = [
    any('id', (container, value) => container.id.startsWith(value)),
    any('name', (container, value) => matchesName(container, value)),
    any('status', (container, value) => container.state.phase === (value as Phase)),
    any(
      'exited',
      (container, value) =>
        container.state.hasRun && !isRunning(container.state) && container.state.exitCode === Number(value),
    ),
    any('volume', (container, value) =>
      container.record.mounts.some((mount) => mount.name === value || mount.destination === value),
    ),
    any('network', (container, value) => inNetwork(deps, container, value)),
    any('publish', (container, value) => hasPort(deps, container, { value, published: true })),
    any('expose', (container, value) => hasPort(deps, container, { value, published: false })),
    any('health', (container, value) => (container.state.health?.status ?? 'none') === value),
    any('is-task', (_container, value) => value !== 'true' && value !== '1'),
    any('isolation', (container, value) => container.record.hostConfig.Isolation === value),
    any('ancestor', (container, value) => container.record.imageId === ancestors.get(value)),
    (container) => filters.get('label').every((label) => hasLabel(container.record.config.Labels ?? {}, label)),
    ordered(deps, filters, 'before'),
    ordered(deps, filters, 'since'),
  ];
  return (container) => predicates.every((predicate) => predicate(container));
}

function checkValues(filters: Filters): void {
  const check = (name: string, isValid: (value: string) => boolean, why: (value: string) => string) => {
    const wrong = filters.get(name).find((value) => !isValid(value));
    if (wrong !== undefined) throw new InvalidParameterError(`invalid filter '${name}=${wrong}': ${why(wrong)}`);
  };
  check(
    'status',
    (value) => statuses.includes(value),
    (value) => `invalid value for state (${value}): must be one of ${statuses.join(', ')}`,
  );
  check(
    'health',
    (value) => healths.includes(value),
    (value) => `invalid value for health (${value}): must be one of ${healths.join(', ')}`,
  );
  check(
    'exited',
    (value) => /^-?\d+$/.test(value),
    (value) => `strconv.Atoi: parsing "${value}": invalid syntax`,
  );
}

async function ancestorIds(deps: ContainerDependencies, names: string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const name of names) {
    const image = await deps.images.resolve(name).catch(() => null);
    if (image) ids.set(name, image.id);
  }
  return ids;
}

/** A name filter is a regular expression, found anywhere in the name with or without its slash. */
function matchesName(container: Container, value: string): boolean {
  try {
    const pattern = new RegExp(value);
    return pattern.test(container.name) || pattern.test(`/${container.name}`);
  } catch {
    return false;
  }
}

function inNetwork(deps: ContainerDependencies, container: Container, value: string): boolean {
  const network = deps.networks.findMaybe(value);
  return Object.entries(endpointsView(container, deps)).some(
    ([name, endpoint]) => name === value || (network && endpoint.NetworkID === network.id),
  );
}

/** '80', '80/tcp' or '8000-8010'. */
function hasPort(
  deps: ContainerDependencies,
  container: Container,
  wanted: { value: string; published: boolean },
): boolean {
  const match = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(wanted.value);
  if (!match) throw new InvalidParameterError(`invalid filter: ${wanted.value}`);
  const [first, last, protocol] = [Number(match[1]), Number(match[2] ?? match[1]), match[3] ?? 'tcp'];
  const within = (text: string) => Number(text) >= first && Number(text) <= last;
  return Object.entries(portsView(container, deps)).some(([name, bindings]) => {
    const [number = '', kind] = name.split('/');
    if (kind !== protocol) return false;
    return wanted.published ? (bindings ?? []).some(({ HostPort }) => within(HostPort)) : within(number);
  });
}

function ordered(deps: ContainerDependencies, filters: Filters, name: 'before' | 'since'): Predicate {
  const times = filters.get(name).map((reference) => deps.store.get(reference).record.created);
  return ({ record }) => times.every((time) => (name === 'before' ? record.created < time : record.created > time));
}
