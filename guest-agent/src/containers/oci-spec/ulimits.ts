import type { HostConfig } from '../../api/engine/host-config.ts';
import type { OciProcess } from './oci.ts';
import { rawJson, type JsonText } from './raw-json.ts';

export type Ulimits = NonNullable<HostConfig['Ulimits']>;

/** The container's own limits, and daemon.json's `default-ulimits` for those that it does not name. */
export function withDefaultUlimits(own: Ulimits | null, defaults: Ulimits): Ulimits | null {
  if (defaults.length === 0) return own;
  const names = new Set((own ?? []).map(({ Name }) => Name));
  return [...(own ?? []), ...defaults.filter(({ Name }) => !names.has(Name))];
}

export const ociRlimits = (ulimits: Ulimits | null): NonNullable<OciProcess['rlimits']> =>
  (ulimits ?? []).map(({ Name, Hard, Soft }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    hard: unsigned(Hard),
    soft: unsigned(Soft),
  }));

/** -1 means no limit, which the kernel and the OCI spec write as the largest 64-bit number: no number of JavaScript's. */
const unsigned = (limit: number): number | JsonText =>
  limit < 0 ? rawJson(BigInt.asUintN(64, BigInt(limit)).toString()) : limit;
