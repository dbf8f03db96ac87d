import { statSync } from 'node:fs';
import { SystemError } from '../../api/index.ts';
import { mergeEnvironment } from '../oci-spec/environment.ts';
import { deviceNumbers } from '../oci-spec/device-numbers.ts';
import type { SpecModifier } from '../oci-spec/context.ts';
import type { OciDevice, OciSpec } from '../oci-spec/oci.ts';

/** containerEdits of the CDI specification: what a device changes in a container's OCI spec. */
export interface DeviceEdits {
  env?: string[];
  deviceNodes?: DeviceNode[];
  mounts?: Array<{ hostPath: string; containerPath: string; type?: string; options?: string[] }>;
  hooks?: Array<{ hookName: string; path: string; args?: string[]; env?: string[]; timeout?: number }>;
  additionalGids?: number[];
  intelRdt?: Record<string, unknown>;
}

export interface DeviceNode {
  /** In the container. */
  path: string;
  /** On the machine; absent: the same. */
  hostPath?: string;
  type?: string;
  major?: number;
  minor?: number;
  fileMode?: number;
  /** Any of 'rwm'; absent: all. */
  permissions?: string;
  uid?: number;
  gid?: number;
}

/** Runs after everything else: devices see the spec as it would be without them. */
export const deviceEditsModifier: SpecModifier = (spec, { devices }) => {
  for (const edits of devices) apply(spec, edits);
};

function apply(spec: OciSpec, edits: DeviceEdits): void {
  spec.process.env = mergeEnvironment(spec.process.env, edits.env ?? []);
  for (const node of edits.deviceNodes ?? []) addDevice(spec, node);
  for (const mount of edits.mounts ?? []) {
    const others = spec.mounts.filter(({ destination }) => destination !== mount.containerPath);
    const { hostPath: source, containerPath: destination, type = 'bind', options = [] } = mount;
    spec.mounts = [...others, { destination, type, source, options: withBind(type, options) }];
  }
  for (const { hookName, ...hook } of edits.hooks ?? []) {
    spec.hooks = { ...spec.hooks, [hookName]: [...(spec.hooks?.[hookName] ?? []), hook] };
  }
  const { user } = spec.process;
  if (edits.additionalGids) {
    user.additionalGids = [...new Set([...(user.additionalGids ?? []), ...edits.additionalGids])];
  }
  if (edits.intelRdt) spec.linux.intelRdt = edits.intelRdt;
}

/** runc mounts nothing of type bind without the option that says so. */
const withBind = (type: string, options: readonly string[]): string[] =>
  type !== 'bind' || options.includes('bind') || options.includes('rbind') ? [...options] : ['rbind', ...options];

function addDevice(spec: OciSpec, node: DeviceNode): void {
  const device = { ...fromMachine(node), path: node.path };
  const { user } = spec.process;
  const owner = {
    uid: node.uid ?? (user.uid > 0 ? user.uid : undefined),
    gid: node.gid ?? (user.gid > 0 ? user.gid : undefined),
  };
  const { uid = device.uid, gid = device.gid } = owner;
  const complete: OciDevice = { ...device, ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
  spec.linux.devices = [...(spec.linux.devices ?? []).filter(({ path }) => path !== node.path), complete];
  if (device.type !== 'b' && device.type !== 'c') return;
  const { type, major, minor } = complete;
  const rule = { allow: true, type, major, minor, access: node.permissions ?? 'rwm' };
  spec.linux.resources.devices = [...(spec.linux.resources.devices ?? []), rule];
}

/** What the specification leaves open is as on the machine. */
function fromMachine({ path, hostPath = path, type, major, minor, fileMode }: DeviceNode): OciDevice {
  if (type !== undefined && (type === 'p' || major !== undefined)) {
    return { type, path, major: major ?? 0, minor: minor ?? 0, ...(fileMode !== undefined && { fileMode }) };
  }
  const stats = statSync(hostPath, { throwIfNoEntry: false });
  const kind = stats?.isCharacterDevice() ? 'c' : stats?.isBlockDevice() ? 'b' : stats?.isFIFO() ? 'p' : null;
  if (!stats) throw injection(`failed to stat CDI host device "${hostPath}": no such file or directory`);
  if (kind === null) throw injection(`failed to stat CDI host device "${hostPath}": not a device node`);
  if (type !== undefined && type !== kind) {
    throw injection(`CDI device ("${path}", "${hostPath}"), host type mismatch (${type}, ${kind})`);
  }
  return { type: kind, path, ...deviceNumbers(stats.rdev), fileMode: fileMode ?? stats.mode & 0o777 };
}

const injection = (why: string) => new SystemError(`CDI device injection failed: failed to inject devices: ${why}`);
