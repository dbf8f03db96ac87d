import { parse } from 'yaml';
import type { DeviceEdits } from './container-edits.ts';

/** One file of the Container Device Interface (CNCF, version 1). */
export interface CdiSpec {
  cdiVersion: string;
  /** 'vendor.com/class'. */
  kind: string;
  devices: Array<{ name: string; containerEdits: DeviceEdits }>;
  containerEdits?: DeviceEdits;
}

const versionPattern = /^(0\.[3-8]|1\.[0-1])\.\d+$/;
const vendorPattern = /^[A-Za-z](?:[\w.-]*[A-Za-z0-9])?$/;
const classPattern = /^[A-Za-z](?:[\w-]*[A-Za-z0-9])?$/;
const namePattern = /^[A-Za-z0-9](?:[\w.:-]*[A-Za-z0-9])?$/;
const hooks = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

/** Reads JSON or YAML; throws an Error that says what is wrong with it. */
export function parseCdiSpec(text: string): CdiSpec {
  const spec = parse(text) as Partial<CdiSpec> | null;
  if (typeof spec !== 'object' || spec === null) throw new Error('failed to parse CDI Spec: no object');
  if (!versionPattern.test(String(spec.cdiVersion))) throw new Error(`invalid version "${spec.cdiVersion ?? ''}"`);
  const [vendor = '', className = '', more] = String(spec.kind ?? '').split('/');
  if (!vendorPattern.test(vendor)) throw new Error(`invalid vendor. "${vendor}"`);
  if (!classPattern.test(className) || more !== undefined) throw new Error(`invalid class. "${className}"`);
  if (spec.containerEdits) checkEdits(spec.containerEdits);
  if (!spec.devices?.length) throw new Error('no devices');
  checkDevices(spec.devices);
  return spec as CdiSpec;
}

function checkDevices(devices: CdiSpec['devices']): void {
  const seen = new Set<string>();
  for (const { name, containerEdits } of devices) {
    if (!namePattern.test(String(name))) throw new Error(`invalid device, invalid name "${name}"`);
    if (seen.has(name)) throw new Error(`invalid spec, multiple device "${name}"`);
    if (!containerEdits || Object.keys(containerEdits).length === 0) {
      throw new Error(`invalid device, empty device edits for "${name}"`);
    }
    checkEdits(containerEdits);
    seen.add(name);
  }
}

function checkEdits({ env = [], deviceNodes = [], mounts = [], hooks: asked = [] }: DeviceEdits): void {
  const fail = (why: string): never => {
    throw new Error(`invalid container edits: ${why}`);
  };
  for (const entry of env) if (!/^[^=]+=/.test(entry)) fail(`invalid environment variable "${entry}"`);
  for (const { path, type, permissions } of deviceNodes) {
    if (!path) fail('invalid (empty) device path');
    if (type !== undefined && !['', 'b', 'c', 'u', 'p'].includes(type))
      fail(`device "${path}": invalid type "${type}"`);
    if (permissions !== undefined && !/^[rwm]*$/.test(permissions)) {
      fail(`device "${path}": invalid permissions "${permissions}"`);
    }
  }
  for (const { hostPath, containerPath } of mounts) {
    if (!hostPath) fail('invalid mount, empty host path');
    if (!containerPath) fail('invalid mount, empty container path');
  }
  for (const { hookName, path } of asked) {
    if (!hooks.includes(hookName)) fail(`invalid hook name "${hookName}"`);
    if (!path) fail(`invalid hook "${hookName}" with empty path`);
  }
}
