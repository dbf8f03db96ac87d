import type { HostConfig } from '../../api/engine/host-config.ts';

type Ulimits = NonNullable<HostConfig['Ulimits']>;

/** The container's own limits, and daemon.json's `default-ulimits` for those that it does not name. */
export function withDefaultUlimits(own: Ulimits | null, defaults: Ulimits): Ulimits | null {
  if (defaults.length === 0) return own;
  const names = new Set((own ?? []).map(({ Name }) => Name));
  return [...(own ?? []), ...defaults.filter(({ Name }) => !names.has(Name))];
}
