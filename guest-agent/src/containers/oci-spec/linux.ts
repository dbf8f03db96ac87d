import { containerDevices } from './devices.ts';
import type { SpecModifier } from './context.ts';

import { ociResources } from './resources.ts';

export const namespacesModifier: SpecModifier = (spec, { namespaces, record }) => {
  const { hostConfig } = record;
  const wanted: Array<{ type: string; path: string | null | undefined }> = [
    { type: 'mount', path: undefined },
    { type: 'network', path: namespaces.network },
    { type: 'uts', path: namespaces.uts },
    { type: 'pid', path: namespaces.pid },
    { type: 'ipc', path: namespaces.ipc },
    { type: 'cgroup', path: hostConfig.CgroupnsMode === 'private' ? undefined : (namespaces.cgroup ?? null) },
  ];
  spec.linux.namespaces = wanted
    .filter(({ path }) => path !== null)
    .map(({ type, path }) => (path === undefined ? { type } : { type, path: path as string }));
  if (namespaces.uts === null) delete spec.hostname;
};

export const resourcesModifier: SpecModifier = (spec, { record }) => {
  const { devices, rules } = containerDevices(record.hostConfig);
  spec.linux.resources = { ...ociResources(record.hostConfig), devices: rules };
  if (devices.length > 0) spec.linux.devices = devices;
};

export const cgroupModifier: SpecModifier = (spec, { record, host }) => {
  const parent = record.hostConfig.CgroupParent || host.cgroupParent;
  spec.linux.cgroupsPath = `${parent.startsWith('/') ? parent : `/${parent}`}/${record.id}`;
};

/** Unprivileged ports and ping in a network namespace of its own, as Docker allows; then what --sysctl asks. */
export const sysctlModifier: SpecModifier = (spec, { record, namespaces }) => {
  const ownNetwork = namespaces.network !== null && !record.hostConfig.NetworkMode.startsWith('container:');
  const defaults: Record<string, string> = ownNetwork
    ? { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' }
    : {};
  const { Domainname: domain } = record.config;
  if (domain !== '' && namespaces.uts !== null) defaults['kernel.domainname'] = domain;
  spec.linux.sysctl = { ...defaults, ...record.hostConfig.Sysctls };
};
