import { rfc3339Nano, zeroTime } from '../../clock.ts';
import { noBlkio, zeroCpu, type CpuStats, type Sample } from './stats.ts';

/** Whose sample it is; one-shot answers of Docker leave it out. */
export interface StatsSubject {
  name: string;
  id: string;
}

// Not in TypeScript's library yet (ECMAScript 2026, JSON.parse source text access).
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** StatsResponse of the Engine API as one line. null: the container does not run; `before` is the sample before. */
export function statsLine(subject: StatsSubject | null, now: Sample | null, before: Sample | null): string {
  const networks = now?.networks ?? {};
  const view = {
    ...(subject && { name: `/${subject.name}`, id: subject.id }),
    read: now ? rfc3339Nano(now.atNs) : zeroTime,
    preread: before ? rfc3339Nano(before.atNs) : zeroTime,
    pids_stats: now?.pids ?? {},
    blkio_stats: now?.blkio ?? noBlkio,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: inOrder(now?.cpu ?? zeroCpu),
    precpu_stats: inOrder(before?.cpu ?? zeroCpu),
    memory_stats: now?.memory ?? {},
    ...(Object.keys(networks).length > 0 && { networks }),
  };
  return `${JSON.stringify(view, exactNumbers)}\n`;
}

const inOrder = ({ cpu_usage, system_cpu_usage, online_cpus, throttling_data }: CpuStats): CpuStats => ({
  cpu_usage,
  ...(system_cpu_usage !== undefined && { system_cpu_usage }),
  ...(online_cpus !== undefined && { online_cpus }),
  throttling_data,
});

const exactNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? rawJSON(value.toString()) : value;
