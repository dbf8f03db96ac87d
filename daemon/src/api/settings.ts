import type { MachineStatus } from './status.ts';

/** By what the guest sees folders of the host. */
export type ShareKind = 'sftp' | 'virtiofs' | '9p';

/** What settings.json says; what is left out has a default. */
export interface SettingsContent {
  /** A driver's name or 'auto'. */
  driver?: string | undefined;
  cpus?: number | undefined;
  memoryMiB?: number | undefined;
  diskGiB?: number | undefined;
  /** The guest's processor; left out: the host's. */
  architecture?: 'amd64' | 'arm64' | undefined;
  /** Whether a request to the engine starts a machine that is off. */
  startOnRequest?: boolean | undefined;
  /** Absolute paths of host folders that containers may mount. */
  shares?: string[] | undefined;
  /** By what a machine that is not this host sees them; left out: sftp. */
  shareKind?: ShareKind | undefined;
  /** Whether ~/.docker/run/docker.sock leads here; left out: only for the default home. */
  userSocket?: boolean | undefined;
  /** Whether /var/run/docker.sock leads here. */
  systemSocket?: boolean | undefined;
  /** Whether `berth up` keeps a docker context; left out: only for the default home. */
  context?: boolean | undefined;
}

/** Whether the machine starts at login; `different`: one of another berth, another home or an older one does. */
export type LoginItemState = 'enabled' | 'disabled' | 'different';

export interface EffectiveSettings {
  driver: string;
  cpus: number;
  memoryMiB: number;
  diskGiB: number;
  /** null: there is no machine for this host's processor. */
  architecture: 'amd64' | 'arm64' | null;
  shares: readonly string[];
  shareKind: ShareKind;
  userSocket: boolean;
  systemSocket: boolean;
  context: boolean;
}

/** What `driver` may be, and what then counts of the other settings. */
export interface DriverChoice {
  /** A driver's name or 'auto', which stands for what it would take on this host. */
  name: string;
  /** Sizes and the processor, where it keeps to them; the others are the host's own. */
  honours: readonly string[];
  /** By what it can show the shared folders on this host; empty: containers see the host's own. */
  shareKinds: readonly ShareKind[];
}

export interface SettingsAnswer {
  file: SettingsContent;
  /** With the defaults of this host for what the file leaves out. */
  effective: EffectiveSettings;
  /** What this host has. */
  host: { cpus: number; memoryMiB: number };
  drivers: readonly DriverChoice[];
  /** Keys of which the running machine has another value: its next start takes them up. */
  pending: readonly string[];
  /** null: on this platform nothing is known to start programs at login. */
  startAtLogin: LoginItemState | null;
}

/** `problem` is null when it may be applied; one line that names the key, what was expected and what is there. */
export interface SettingsVerdict {
  problem: string | null;
}

/**
 * What became of a change. `saved`: written, and the next start takes it up; `applied`: the machine runs with it;
 * `restored`: the machine did not come up with it, and what was there before is there again.
 */
export interface ApplyAnswer {
  outcome: 'saved' | 'applied' | 'restored';
  /** Why it was restored, in one line; null otherwise. */
  problem: string | null;
  /** What the machine printed last when it did not come up ('' if nothing). */
  consoleTail: string;
  status: MachineStatus;
}

/** Where in a text something is wrong. */
export interface TextProblem {
  /** From 1, as editors count; columns in UTF-16 units. */
  line: number;
  column: number;
  /** From 0, in UTF-16 units: what to underline. */
  offset: number;
  length: number;
  message: string;
}

/** daemon.json: Docker's own keys for the engine. */
export interface EngineConfigAnswer {
  /** '' when there is no file. */
  text: string;
  /** The keys that this engine knows. */
  keys: readonly string[];
}
