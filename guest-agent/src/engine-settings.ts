import { InvalidParameterError } from './api/index.ts';
import type { ContainerSettings } from './containers/dependencies.ts';

export interface EngineSettings extends ContainerSettings {
  /** CIDR of the default bridge with its own address; null: the engine chooses. */
  bip: string | null;
  mtu: number;
  insecureRegistries: string[];
  labels: string[];
  maxConcurrentDownloads: number;
  maxConcurrentUploads: number;
  maxDownloadAttempts: number;
}

type DaemonJson = Readonly<Record<string, unknown>>;

const defaultMtu = 1500;
const defaultShmBytes = 64 * 1024 * 1024;

/** What daemon.json (dockerd's documentation, "Daemon configuration file") means for this engine. */
export function engineSettings(json: DaemonJson, hostname: string): EngineSettings {
  const runtimes = Object.entries((json['runtimes'] ?? {}) as Record<string, { path?: string }>);
  return {
    hostname,
    defaultRuntime: (json['default-runtime'] as string | undefined) ?? 'runc',
    runtimes: { runc: 'runc', ...Object.fromEntries(runtimes.map(([name, { path }]) => [name, path ?? name])) },
    defaultShmBytes: sizeInBytes(json['default-shm-size'] as string | number | undefined) ?? defaultShmBytes,
    defaultStopTimeoutSeconds: 10,
    logDriver: (json['log-driver'] as string | undefined) ?? 'json-file',
    logOptions: (json['log-opts'] as Record<string, string> | undefined) ?? {},
    dns: (json['dns'] as string[] | undefined) ?? [],
    dnsOptions: (json['dns-opts'] as string[] | undefined) ?? [],
    dnsSearch: (json['dns-search'] as string[] | undefined) ?? [],
    bip: (json['bip'] as string | undefined) ?? null,
    mtu: (json['mtu'] as number | undefined) || defaultMtu,
    insecureRegistries: (json['insecure-registries'] as string[] | undefined) ?? [],
    labels: (json['labels'] as string[] | undefined) ?? [],
    maxConcurrentUploads: (json['max-concurrent-uploads'] as number | undefined) || 5,
    maxConcurrentDownloads: (json['max-concurrent-downloads'] as number | undefined) || 3,
    maxDownloadAttempts: (json['max-download-attempts'] as number | undefined) || 5,
  };
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** '64m', '1GiB' or a number of bytes. */
function sizeInBytes(size: string | number | undefined): number | undefined {
  if (size === undefined || typeof size === 'number') return size;
  const match = /^(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(size);
  if (!match?.[1])
    throw new InvalidParameterError(`default-shm-size: expected a size like 64m, got ${JSON.stringify(size)}`);
  return Math.floor(Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1));
}
