import { existsSync } from 'node:fs';
import type { ContainerConfig } from '../../api/engine/container-config.ts';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { refuseIf } from '../../containers/validate/refuse-if.ts';

/** Refuses what dockerd's decoder refuses, before anything else is looked at; with its texts. */
export function validateDecoded(config: ContainerConfig, host: HostConfig): void {
  validateNetworkMode(config, host);
  refuseIf(
    !['', 'default'].includes(host.Isolation.toLowerCase()),
    `invalid isolation (${host.Isolation}): linux only supports 'default'`,
  );
  refuseIf(
    host.IOMaximumBandwidth !== 0,
    'invalid option: QoS maximum bandwidth configuration is not supported on linux',
  );
  refuseIf(host.IOMaximumIOps !== 0, 'invalid option: QoS maximum IOPs configuration is not supported on linux');
  const { CpuRealtimePeriod: period, CpuRealtimeRuntime: runtime } = host;
  refuseIf((period !== 0 || runtime !== 0) && !hasRealtime(), 'kernel does not support CPU real-time scheduler');
  refuseIf(
    period !== 0 && runtime !== 0 && runtime > period,
    'cpu real-time runtime cannot be higher than cpu real-time period',
  );
  refuseIf(host.CpuShares < 0, `invalid CPU shares (${host.CpuShares}): value must be a positive integer`);
}

const hasRealtime = (): boolean => existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us');

function validateNetworkMode(config: ContainerConfig, host: HostConfig): void {
  const mode = host.NetworkMode;
  if (mode === 'container' || mode.startsWith('container:')) validateSharedNetwork(config, host);
  refuseIf(host.UTSMode === 'host' && config.Hostname !== '', 'conflicting options: hostname and the UTS mode');
  refuseIf(
    mode === 'host' && Boolean(host.Links?.length),
    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  );
}

/** What belongs to a network of its own cannot be asked of another container's. */
function validateSharedNetwork(config: ContainerConfig, host: HostConfig): void {
  const target = host.NetworkMode.slice('container:'.length);
  refuseIf(target === '', 'invalid network mode: invalid container format container:<name|id>');
  const clash = (given: boolean, what: string) => refuseIf(given, `conflicting options: ${what}`);
  const isGiven = (value: object | null) => value !== null && Object.keys(value).length > 0;
  clash(config.Hostname !== '', 'hostname and the network mode');
  clash(
    isGiven(host.Links),
    "container type network can't be used with links. This would result in undefined behavior",
  );
  clash(isGiven(host.Dns), 'dns and the network mode');
  clash(isGiven(host.ExtraHosts), 'custom host-to-IP mapping and the network mode');
  clash(isGiven(host.PortBindings) || host.PublishAllPorts, 'port publishing and the container type network mode');
  clash(isGiven(config.ExposedPorts), 'port exposing and the container type network mode');
}
