import { readdirSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { SystemError } from '../../api/index.ts';
import { deviceNumbers } from './device-numbers.ts';
import type { OciDevice, OciDeviceRule } from './oci.ts';

const rule = (allow: boolean, numbers: { type?: string; major?: number; minor?: number }): OciDeviceRule => ({
  allow,
  ...numbers,
  access: 'rwm',
});

const character = (major: number, minor?: number) => ({ type: 'c', major, ...(minor !== undefined && { minor }) });

/** Everything denied but the harmless ones: null, zero, full, random, urandom, tty, console, ptmx and pts. */
export const defaultDeviceRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...[
    character(1, 3),
    character(1, 5),
    character(1, 7),
    character(1, 8),
    character(1, 9),
    character(5, 0),
    character(5, 1),
    character(5, 2),
    character(136),
  ].map((numbers) => rule(true, numbers)),
  rule(false, character(10, 229)),
];

export interface ContainerDevices {
  devices: OciDevice[];
  rules: OciDeviceRule[];
}

export function containerDevices(config: HostConfig): ContainerDevices {
  if (config.Privileged) return { devices: allHostDevices('/dev'), rules: [{ allow: true, access: 'rwm' }] };
  const asked = (config.Devices ?? []).flatMap((mapping) => mappedDevices(mapping));
  const extra = (config.DeviceCgroupRules ?? []).map(parseRule);
  return {
    devices: asked.map((entry) => entry.device),
    rules: [...defaultDeviceRules, ...asked.map((entry) => entry.rule), ...extra],
  };
}

interface MappedDevice {
  device: OciDevice;
  rule: OciDeviceRule;
}

function mappedDevices(mapping: {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}): MappedDevice[] {
  const { PathOnHost: source, PathInContainer: target } = mapping;
  const access = mapping.CgroupPermissions;
  let stats: Stats;
  try {
    stats = statSync(source);
  } catch (error) {
    throw new SystemError(
      `error gathering device information while adding custom device "${source}": no such file or directory`,
      { cause: error },
    );
  }
  const found = stats.isDirectory()
    ? allHostDevices(source).map((device) => ({
        ...device,
        path: path.join(target, path.relative(source, device.path)),
      }))
    : [toDevice(stats, target)].filter((device) => device !== null);
  if (found.length === 0) {
    throw new SystemError(
      `error gathering device information while adding custom device "${source}": not a device node`,
    );
  }
  return found.map((device) => ({
    device,
    rule: { allow: true, type: device.type, major: device.major, minor: device.minor, access },
  }));
}

function toDevice(stats: Stats, target: string): OciDevice | null {
  const type = stats.isCharacterDevice() ? 'c' : stats.isBlockDevice() ? 'b' : null;
  if (type === null) return null;
  return {
    type,
    path: target,
    ...deviceNumbers(stats.rdev),
    fileMode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  };
}

const skippedFolders = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev']);

function allHostDevices(dir: string): OciDevice[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : allHostDevices(file);
    if (entry.name === 'console' || entry.isSymbolicLink()) return [];
    const device = toDevice(statSync(file), file);
    return device ? [device] : [];
  });
}

const rulePattern = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/;

function parseRule(text: string): OciDeviceRule {
  const match = rulePattern.exec(text);
  if (!match) throw new SystemError(`invalid device cgroup rule format: '${text}'`);
  const [, type, major, minor, access] = match;
  return {
    allow: true,
    type: type as string,
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access: access as string,
  };
}
