import type { NamedReference } from '../images/reference.ts';
import type { RegistryCredentials } from '../images/registry/credentials.ts';

/** A `remote` of version 2: the context is to be asked of the client's session. */
export const clientSession = 'client-session';

/** POST /build, parsed. */
export interface BuildRequest {
  /** 2 is told as BuildKit tells it, and may bring a session. */
  version: 1 | 2;
  /** The client's session; '' for none. */
  session: string;
  /** Where the result goes; null: into the image store. */
  output: { type: string; attributes: Readonly<Record<string, string>> } | null;
  tags: NamedReference[];
  /** Path in the context. */
  dockerfile: string;
  /** Git or HTTP address of the context, {@link clientSession}, or '' when it comes with the request. */
  remote: string;
  quiet: boolean;
  noCache: boolean;
  pull: boolean;
  target: string;
  buildArgs: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** `linux/arm64`; '' is the machine's own. */
  platform: string;
  /** `default`, `host`, `none`, and for the classic builder's clients a network of the user's or `container:NAME`. */
  network: string;
  /** `name:address`. */
  extraHosts: readonly string[];
  /** 0: the default. */
  shmBytes: number;
  ulimits: ReadonlyArray<{ Name: string; Soft: number; Hard: number }>;
  cgroupParent: string;
  /** Of each step's container; '' is no limit. */
  limits: Readonly<Record<LimitName, string>>;
  cacheFrom: readonly string[];
  /** What POST /build/cancel names; '' for none. */
  buildId: string;
  /** By registry. */
  credentials: Readonly<Record<string, RegistryCredentials>>;
}

/** Parameters of POST /build that BuildKit's Dockerfile frontend knows by the same names. */
export const limitNames = [
  'memory',
  'memswap',
  'cpushares',
  'cpuperiod',
  'cpuquota',
  'cpusetcpus',
  'cpusetmems',
] as const;
export type LimitName = (typeof limitNames)[number];
