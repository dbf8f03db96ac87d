import type { Duplex } from 'node:stream';
import type { Architecture } from './architecture.ts';

/**
 * Where a stream into the guest ends: the agent's Engine API, the agent's guest API (host ↔ guest protocol), or a
 * TCP or UDP address as seen from inside the guest; datagrams go as writeDatagram() frames them.
 */
export type DialTarget = { kind: 'engine' } | { kind: 'guest' } | { kind: 'tcp' | 'udp'; host: string; port: number };

/** By what a driver shows the guest folders of this host: each is a device of the machine. */
export type FolderKind = 'virtiofs' | '9p';

/** A folder of this host. */
export interface HostFolder {
  id: string;
  /** Its real path. */
  folder: string;
}

export interface HostFolders {
  kind: FolderKind;
  folders: readonly HostFolder[];
}

/** What a machine is made of. Drivers honour what their {@link VmCapabilities} claim and ignore nothing silently. */
export interface VmSpec {
  /** Folder owned by this machine; every file the driver writes is in it. */
  instanceDir: string;
  cpus: number;
  memoryMiB: number;
  diskGiB: number;
  /** The guest's processor; left out: the host's. */
  architecture?: Architecture;
  /** Paths on which clients reach the engine: as sources of binds they mean the engine's socket in the guest. */
  engineSockets: readonly string[];
  /** Folders that the driver itself is to show the guest, for as long as it runs; left out: none. */
  hostFolders?: HostFolders;
  /** Engine configuration, Docker's own daemon.json keys, already validated. */
  engineConfig: Readonly<Record<string, unknown>>;
}

export interface VmCapabilities {
  /** cpus and memoryMiB are enforced by the driver (false: the host's own are used). */
  limits: boolean;
  /** The machine has a data disk of diskGiB of its own. */
  dataDisk: boolean;
  /** Guest and host are the same kernel: host paths are guest paths, guest addresses can be dialled directly. */
  sharesHost: boolean;
  /** What it starts a machine from: a VM image, the distributions made of one for WSL; null: nothing. */
  image: 'vm' | 'wsl' | null;
  /** The guest may have another processor than the host. */
  otherArchitectures: boolean;
  /** By what it can show the guest folders of the host; none: it cannot. */
  hostFolders: readonly FolderKind[];
}

/** Phases a start goes through, in order, for progress and for the timings in `berth status`. */
export interface VmProgress {
  phase: string;
  /** Milliseconds since the start began. */
  atMs: number;
}

export interface VmStartOptions {
  signal: AbortSignal;
  onProgress: (progress: VmProgress) => void;
}

/** The VM is gone; `expected` is true when stop() or kill() asked for it. */
export interface VmExit {
  expected: boolean;
  reason: string;
}

/**
 * Starts and finds VMs of one kind. Call order: check → (adopt, and if that gives null) start. At most one VM per
 * instance folder; the caller holds the folder's lock. Methods are not called concurrently.
 */
export interface VmDriver {
  readonly name: string;
  readonly capabilities: VmCapabilities;
  /** Can this host run it? Never throws; `problem` is one line that says what is missing and how to get it. */
  check(): Promise<{ usable: true; detail: string } | { usable: false; problem: string }>;
  /** Resolves once the guest agent can be dialled. Rejects with {@link VmStartError}; then nothing is left running. */
  start(spec: VmSpec, options: VmStartOptions): Promise<RunningVm>;
  /**
   * Takes over a VM that an earlier daemon left running in the folder. null: there is none, or it was beyond rescue and
   * has been cleaned up (`onProgress` told why).
   */
  adopt(spec: VmSpec, options: VmStartOptions): Promise<RunningVm | null>;
  /**
   * Undoes what the folder's machine has outside its folder, which is deleted next; absent: nothing. No VM runs, or ever
   * did. Rejects when the folder may not be deleted yet.
   */
  releaseFolder?(instanceDir: string): Promise<void>;
}

/** A VM that runs. The handle is dead once `exited` has settled: dial then rejects. */
export interface RunningVm {
  /** One line, e.g. 'tcg' or 'kvm'; null where nothing is emulated or virtualised. */
  readonly accelerator: string | null;
  readonly exited: Promise<VmExit>;
  /** One line while it stands still for want of something; null or absent: it does not. */
  readonly problem?: string | null;
  /**
   * Opens a byte stream with half-close. Any number at a time. Rejects with {@link DialError} when the far end refuses,
   * so that a published port nobody serves can be reset instead of accepted.
   */
  dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex>;
  /**
   * Ends the VM after the agent was told to shut down: waits up to `timeoutMs` for it to power off, then kills.
   * Idempotent.
   */
  stop(options: { timeoutMs: number }): Promise<void>;
  /** Ends it now, like pulling the plug. Idempotent. */
  kill(): Promise<void>;
  /** Lets go without ending it: the VM runs on and a later adopt() finds it. */
  detach(): Promise<void>;
  /** The last lines the guest's console or the agent printed, for error messages. */
  consoleTail(lines: number): Promise<string>;
}

/** The VM did not come up; the message is one line, `consoleTail` what it printed last ('' if nothing). */
export class VmStartError extends Error {
  override readonly name = 'VmStartError';
  readonly consoleTail: string;
  constructor(message: string, options: { consoleTail?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.consoleTail = options.consoleTail ?? '';
  }
}

/** The far end of a dial refused or vanished. */
export class DialError extends Error {
  override readonly name = 'DialError';
  readonly code: 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ECLOSED';
  constructor(code: DialError['code'], message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
