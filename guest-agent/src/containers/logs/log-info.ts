import type { ContainerRecord } from '../container.ts';

/** What a log driver is told about the container; the fields that tag templates may name. */
export interface LogInfo {
  readonly options: Readonly<Record<string, string>>;
  readonly id: string;
  /** Without the '/' in front. */
  readonly name: string;
  readonly entrypoint: string;
  readonly args: readonly string[];
  readonly imageId: string;
  readonly imageName: string;
  /** RFC 3339. */
  readonly created: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
  /** The machine's. */
  readonly hostname: string;
}

export function logInfo(record: ContainerRecord, hostname: string): LogInfo {
  return {
    options: record.hostConfig.LogConfig.Config ?? {},
    id: record.id,
    name: record.name,
    entrypoint: record.path,
    args: record.args,
    imageId: record.imageId,
    imageName: record.config.Image,
    created: record.created,
    labels: new Map(Object.entries(record.config.Labels ?? {})),
    env: environment(record.config.Env ?? []),
    hostname,
  };
}

/** What is no assignment says nothing. */
function environment(entries: readonly string[]): Map<string, string> {
  const assignments = entries.filter((entry) => entry.includes('='));
  return new Map(assignments.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

export const commandOf = ({ entrypoint, args }: LogInfo): string => [entrypoint, ...args].join(' ');
