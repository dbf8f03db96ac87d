import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Folders of the host that are devices of the machine, by their tags. */
export interface DeviceFolders {
  kind: 'virtiofs' | '9p';
  tags: readonly string[];
}

/** The agent's configuration file, written by whoever starts it. */
export interface AgentConfig {
  dataRoot: string;
  runRoot: string;
  containerdAddress: string;
  engineSocket: string;
  guestSocket: string;
  /** Paths on the host on which clients reach the engine: as sources of binds they are the engine's socket. */
  hostSockets: readonly string[];
  /** daemon.json: Docker's own keys, validated by the daemon. */
  engineConfig: Readonly<Record<string, unknown>>;
  /** docker-init for containers with --init; null where there is none. */
  initBinary: string | null;
  /** PEM certificates of authorities that registries may have besides the machine's: the host's. */
  registryAuthorities: readonly string[];
  /** Docker-format seccomp profile; null where there is none. */
  seccompProfile: string | null;
  /** How the host reaches the agent besides the sockets; null: it does not. */
  link: object | null;
  /** Command that powers the machine off; null where the machine is not the agent's own. */
  powerOffCommand: string[] | null;
  /** Where the host's loopback services are reached from the machine; null: they are not. */
  hostAddress: string | null;
  /** Where folders of the host are mounted; null: the host's paths are the machine's own. */
  hostFolders: string | null;
  /** Those of them that are devices of the machine; the others are asked of the host. null: all are. */
  deviceFolders: DeviceFolders | null;
  /** The host runs Windows: its clients write the sources of binds as it does. */
  windowsPaths: boolean;
  /** Name of the default bridge, and of our nftables table. */
  bridgeName: string;
  /** Folder of buildkitd; there may be none. */
  buildkitDir: string;
  logLevel: string;
  /** Where a test says what is to fail next (BERTH_FAULT_FILE); null: nothing ever is made to. */
  faultFile: string | null;
  /** Folders of berth's own on the way to the data, outermost first, that only root may enter. */
  privateFolders: string[];
}

/** Where the build puts them; a machine's image says where it has its own. */
const defaultBuildkitDir = path.resolve(import.meta.dirname, '../../vm-images/out/programs');

export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const given = JSON.parse(await readFile(file, 'utf8')) as Partial<AgentConfig>;
  for (const key of ['dataRoot', 'runRoot', 'containerdAddress', 'engineSocket', 'guestSocket'] as const) {
    if (typeof given[key] !== 'string') throw new Error(`${file}: ${key} must be a path`);
  }
  const required = given as AgentConfig;
  return Object.freeze({
    ...required,
    hostSockets: given.hostSockets ?? [],
    engineConfig: given.engineConfig ?? {},
    initBinary: given.initBinary ?? null,
    registryAuthorities: given.registryAuthorities ?? [],
    seccompProfile: given.seccompProfile ?? null,
    link: given.link ?? null,
    powerOffCommand: given.powerOffCommand ?? null,
    hostAddress: given.hostAddress ?? null,
    hostFolders: given.hostFolders ?? null,
    deviceFolders: given.deviceFolders ?? null,
    windowsPaths: given.windowsPaths ?? false,
    bridgeName: given.bridgeName ?? defaultBridgeName(required),
    buildkitDir: given.buildkitDir ?? defaultBuildkitDir,
    logLevel: given.logLevel ?? logLevelOf(given.engineConfig ?? {}),
    privateFolders: given.privateFolders ?? [],
    faultFile: process.env.BERTH_FAULT_FILE || null,
  });
}

/** daemon.json's levels, in pino's words. */
export const logLevels: Readonly<Record<string, string>> = {
  ...{ panic: 'fatal', fatal: 'fatal', error: 'error', warn: 'warn', info: 'info', debug: 'debug', trace: 'trace' },
};

/** An unknown level is told to the user by the engine's settings. */
function logLevelOf({ debug, 'log-level': level }: Readonly<Record<string, unknown>>): string {
  if (debug === true) return 'debug';
  return (typeof level === 'string' ? logLevels[level.toLowerCase()] : undefined) ?? 'info';
}

/** A machine of its own has docker0 to itself; on a shared host each agent has a bridge named after its data. */
function defaultBridgeName({ link, dataRoot }: AgentConfig): string {
  if (link) return 'docker0';
  return `berth-${createHash('sha256').update(dataRoot).digest('hex').slice(0, 6)}`;
}

/** For a program that is started: what the agent itself was started with, and more. */
export function childEnvironment(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}
