import type { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/index.ts';
import { untilMs } from '../images/until.ts';

/** What the filters of a prune look at. */
export interface Prunable {
  /** RFC 3339. */
  created: string;
  labels: Readonly<Record<string, string>> | null;
}

const accepted = ['label', 'label!', 'until'];

/** What the filters of a prune mean. InvalidParameterError for one that there is not, and for a bad or a second `until`. */
export function pruneFilter(filters: Filters, nowMs: number): (candidate: Prunable) => boolean {
  filters.validate(accepted);
  const [until, ...more] = filters.get('until');
  if (more.length > 0) throw new InvalidParameterError('more than one until filter specified');
  const latestMs = until === undefined ? Infinity : untilMs(until, nowMs);
  return ({ created, labels }) => {
    const isSpared = filters.has('label!') && filters.matchLabels('label!', labels ?? {});
    return Date.parse(created) <= latestMs && filters.matchLabels('label', labels ?? {}) && !isSpared;
  };
}
