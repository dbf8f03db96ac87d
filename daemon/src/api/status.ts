/**
 * stopped → starting → running → stopping → stopped; `failed` instead of running when a start failed or the machine
 * ended by itself. `detached` is said by a client that found no daemon but a machine that was left running.
 */
export type MachineStateName = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed' | 'detached';

export interface StartPhase {
  phase: string;
  /** Milliseconds since the start began. */
  atMs: number;
}

export interface StartTimings {
  /** ISO 8601. */
  startedAt: string;
  /** true: the machine was already running and was taken over. */
  adopted: boolean;
  totalMs: number;
  phases: StartPhase[];
}

export interface MachineStatus {
  state: MachineStateName;
  /** null: none was chosen yet. */
  driver: string | null;
  /** null: not running, or nothing is virtualised. */
  accelerator: string | null;
  /** Its processor; null: one for which there is no machine. */
  architecture: 'amd64' | 'arm64' | null;
  /** What DOCKER_HOST has to be. */
  dockerHost: string;
  cpus: number;
  memoryMiB: number;
  diskGiB: number;
  /** Of the last start that succeeded; null: there was none. */
  lastStart: StartTimings | null;
  /** Why it is not running, in one line; null: nothing is wrong. */
  problem: string | null;
  /** Why it stands still although it runs, in one line, e.g. for want of room on the host's disk; null: it does not. */
  halted: string | null;
  /** What works less well than it should, e.g. ports that could not be bound again. */
  warnings: string[];
}

/** What `berth up` may ask for; what is left out comes from settings.json. */
export interface StartRequest {
  driver?: string | undefined;
  cpus?: number | undefined;
  memoryMiB?: number | undefined;
  diskGiB?: number | undefined;
  /** The guest's processor; left out: as settings.json says, else the host's. */
  architecture?: 'amd64' | 'arm64' | undefined;
}

/** One line of the answer to a start. The last is `done` or `failed`. */
export type StartEvent =
  | ({ kind: 'progress' } & StartPhase)
  | { kind: 'done'; status: MachineStatus }
  | { kind: 'failed'; problem: string; consoleTail: string };
