import type { ContainerPaths } from '../../storage/data-root.ts';
import type { ContainerRecord } from '../container.ts';
import type { AccountFiles } from './user.ts';
import type { OciMount, OciSpec } from './oci.ts';
import type { SeccompHost, SeccompProfile } from './seccomp.ts';

/** Facts about the machine that containers run on; they do not change while the agent runs. */
export interface SpecHost extends SeccompHost {
  cgroupVersion: 1 | 2;
  /** Capabilities that the agent has and can give. */
  capabilities: readonly string[];
  /** null: the host has no profile, and containers run without a filter. */
  seccompProfile: SeccompProfile | null;
  /** docker-init, bind-mounted for --init; null where it is not installed. */
  initBinary: string | null;
  /** cgroup under which containers are made, e.g. '/docker'. */
  cgroupParent: string;
}

/** Everything a spec is made from; nothing here is looked up again. */
export interface SpecContext {
  record: ContainerRecord;
  paths: ContainerPaths;
  host: SpecHost;
  accounts: AccountFiles;
  /** Namespaces to join by path; absent ones are made new, null means the host's. */
  namespaces: {
    network: string | null;
    ipc?: string | null;
    pid?: string | null;
    uts?: string | null;
    cgroup?: string | null;
  };
  /** Folder that becomes /dev/shm; null where it is not shared with anybody. */
  sharedMemory: string | null;
  /** The container's own mounts, sources resolved. */
  mounts: OciMount[];
}

/** One concern of the spec. Modifiers run in order, each on what the ones before have made. */
export type SpecModifier = (spec: OciSpec, context: SpecContext) => void;
