import { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/errors.ts';
import { readSize } from '../text/size-text.ts';
import { parseDurationMs } from '../text/go-duration.ts';
import { pruneRule } from './prune-rule.ts';

/** daemon.json's `builder` (dockerd's documentation, "Daemon configuration file"). */
export interface BuilderSettings {
  /** null: nothing is cleared away by itself. */
  gc: GcSettings | null;
  /** What a build may ask for beyond the usual. */
  entitlements: string[];
  history: { maxAgeSeconds: number; maxEntries: number } | null;
}

export interface GcSettings extends Space {
  /** null: BuildKit's own, within the space above. */
  policies: GcPolicy[] | null;
}

/** Bytes; 0: BuildKit chooses. */
export interface Space {
  reservedBytes: number;
  maxUsedBytes: number;
  minFreeBytes: number;
}

export interface GcPolicy extends Space {
  all: boolean;
  filters: string[];
  keepSeconds: number;
}

/** Throws InvalidParameterError naming what is wrong. */
export function readBuilderSettings(given: Readonly<Record<string, unknown>>): BuilderSettings {
  const builder = section('builder', given, ['gc', 'entitlements', 'history']);
  return {
    gc: readGc(builder['gc']),
    entitlements: readEntitlements(builder['entitlements']),
    history: readHistory(builder['history']),
  };
}

const defaultKeys = ['defaultreservedspace', 'defaultkeepstorage', 'defaultmaxusedspace', 'defaultminfreespace'];

function readGc(given: unknown): GcSettings | null {
  const gc = section('builder.gc', given, ['enabled', 'policy', ...defaultKeys]);
  if (gc['enabled'] === false) return null;
  const { policy } = gc;
  if (policy !== undefined && policy !== null && !Array.isArray(policy)) throw expected('builder.gc.policy', 'a list');
  return {
    ...space('builder.gc', gc, 'default'),
    policies: (policy as unknown[] | null | undefined)?.map(readPolicy) ?? null,
  };
}

function readPolicy(given: unknown, index: number): GcPolicy {
  const name = `builder.gc.policy[${index}]`;
  const policy = section(name, given, [
    ...['all', 'filter', 'reservedspace', 'keepstorage', 'maxusedspace', 'minfreespace'],
  ]);
  const limits = space(name, policy, '');
  const { all, filter, keepDuration } = pruneRule(
    { all: policy['all'] === true, filters: readFilter(name, policy['filter']), ...limits },
    Date.now(),
  );
  return { ...limits, all, filters: filter, keepSeconds: Math.round(keepDuration / 1e9) };
}

/** `["unused-for=48h"]`, or the older form that a filter has in a request. */
function readFilter(name: string, given: unknown): Filters {
  if (given === undefined || given === null) return new Filters();
  if (!Array.isArray(given)) throw expected(`${name}.filter`, 'a list like ["unused-for=48h"]');
  return given.reduce((filters: Filters, entry: unknown) => {
    const [key = '', ...value] = String(entry).split('=');
    return filters.with(key.trim().toLowerCase(), value.join('=').trim());
  }, new Filters());
}

/** The older name of a reserve counts where the newer one is not given. */
function space(name: string, from: Section, prefix: string): Space {
  const bytes = (key: string) => sizeInBytes(`${name}.${prefix}${key}`, from[`${prefix}${key}`]);
  return {
    reservedBytes: bytes('reservedspace') || bytes('keepstorage'),
    maxUsedBytes: bytes('maxusedspace'),
    minFreeBytes: bytes('minfreespace'),
  };
}

function readEntitlements(given: unknown): string[] {
  const entitlements = section('builder.entitlements', given, ['network-host', 'security-insecure']);
  return [
    ...(entitlements['network-host'] === false ? [] : ['network.host']),
    ...(entitlements['security-insecure'] === true ? ['security.insecure'] : []),
  ];
}

function readHistory(given: unknown): BuilderSettings['history'] {
  if (given === undefined || given === null) return null;
  const history = section('builder.history', given, ['maxage', 'maxentries']);
  const age = history['maxage'] ?? 0;
  const maxAgeSeconds = typeof age === 'number' ? age : parseDurationMs(String(age)) / 1000;
  return { maxAgeSeconds, maxEntries: Number(history['maxentries'] ?? 0) };
}

type Section = Readonly<Record<string, unknown>>;

/** Its values by their names in small letters: Go does not tell them apart. */
function section(name: string, given: unknown, known: readonly string[]): Section {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) throw expected(name, 'an object');
  const values = Object.fromEntries(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value as unknown]));
  const stranger = Object.keys(values).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new InvalidParameterError(`${name}: unknown key ${JSON.stringify(stranger)}`);
  return values;
}

const expected = (name: string, what: string) => new InvalidParameterError(`${name}: expected ${what}`);

/** `20GB` is 20 · 2^30 bytes, as everywhere in Docker's settings. */
function sizeInBytes(name: string, given: unknown): number {
  if (given === undefined || given === null || given === '') return 0;
  const bytes = readSize(String(given), 1024);
  if (bytes === null) throw expected(name, `a size like 20GB, got ${JSON.stringify(given)}`);
  return bytes;
}
