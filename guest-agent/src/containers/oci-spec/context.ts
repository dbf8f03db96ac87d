import type { HostConfig } from '../../api/engine/host-config.ts';
import type { ContainerPaths } from '../../storage/data-root.ts';
import type { ContainerRecord } from '../container.ts';
import type { OwnUsers } from '../start-steps/own-users.ts';
import type { AccountFiles } from './user.ts';
import type { DeviceEdits } from '../devices/container-edits.ts';
import type { OciMount, OciSpec } from './oci.ts';
import type { SecurityOptions } from './security-options.ts';
import type { SeccompHost, SeccompProfile } from './seccomp.ts';

/** Facts about the machine that containers run on; they do not change while the agent runs. */
export interface SpecHost extends SeccompHost {
  cgroupVersion: 1 | 2;
  /** Capabilities that the agent has and can give. */
  capabilities: readonly string[];
  /** null: the host has no profile, and containers run without a filter. */
  seccompProfile: SeccompProfile | null;
  /** What --security-opt starts from: daemon.json's choices. */
  securityDefaults: Partial<SecurityOptions>;
  /** The kernel confines processes by AppArmor. */
  hasAppArmor: boolean;
  /** docker-init, bind-mounted for --init; null where it is not installed. */
  initBinary: string | null;
  /** For containers that do not say whether they want it. */
  initByDefault: boolean;
  /** cgroup under which containers are made, e.g. '/docker'. */
  cgroupParent: string;
  /** daemon.json gives containers' users other ids on the machine. */
  isRemapped: boolean;
}

/** Everything a spec is made from; nothing here is looked up again. */
export interface SpecContext {
  record: ContainerRecord;
  paths: ContainerPaths;
  host: SpecHost;
  accounts: AccountFiles;
  /** Namespaces to join by path; absent ones are made new, null means the host's. */
  namespaces: {
    /** undefined: a new one with nothing in it. */
    network: string | null | undefined;
    ipc?: string | null;
    pid?: string | null;
    uts?: string | null;
    cgroup?: string | null;
  };
  /** Folder that becomes /dev/shm; null where it is not shared with anybody. */
  sharedMemory: string | null;
  /** The container's own mounts, sources resolved. */
  mounts: OciMount[];
  /** For those that the container does not set. */
  defaultUlimits: NonNullable<HostConfig['Ulimits']>;
  /** What linked containers are told about each other. */
  linkedEnv: readonly string[];
  /** What CDI devices add. */
  devices: readonly DeviceEdits[];
  /** null: the machine's. */
  users: OwnUsers | null;
}

/** One concern of the spec. Modifiers run in order, each on what the ones before have made. */
export type SpecModifier = (spec: OciSpec, context: SpecContext) => void;
