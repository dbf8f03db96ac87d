import { statSync } from 'node:fs';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { SystemError } from '../../api/index.ts';
import { deviceNumbers } from './device-numbers.ts';
import type { OciResources, OciThrottle } from './oci.ts';

const defaultCpuPeriodUs = 100_000;

/** The limits of a HostConfig as the OCI spec words them, without the device rules. 0 and null mean no limit. */
export function ociResources(config: HostConfig): OciResources {
  return {
    memory: memory(config),
    cpu: cpu(config),
    ...(config.PidsLimit && { pids: { limit: config.PidsLimit > 0 ? config.PidsLimit : -1 } }),
    blockIO: blockIo(config),
  };
}

function memory(config: HostConfig): OciResources['memory'] {
  return {
    ...(config.Memory > 0 && { limit: config.Memory }),
    ...(config.MemoryReservation > 0 && { reservation: config.MemoryReservation }),
    ...(config.MemorySwap > 0 && { swap: config.MemorySwap }),
    ...(config.MemorySwappiness !== null && config.MemorySwappiness >= 0 && { swappiness: config.MemorySwappiness }),
    ...(config.OomKillDisable !== null && { disableOOMKiller: config.OomKillDisable }),
  };
}

function cpu(config: HostConfig): OciResources['cpu'] {
  const quota =
    config.NanoCpus > 0
      ? { period: defaultCpuPeriodUs, quota: Math.floor((config.NanoCpus * defaultCpuPeriodUs) / 1e9) }
      : {};
  return {
    ...(config.CpuShares !== 0 && { shares: config.CpuShares }),
    ...quota,
    ...(config.CpuPeriod !== 0 && { period: config.CpuPeriod }),
    ...(config.CpuQuota !== 0 && { quota: config.CpuQuota }),
    ...(config.CpuRealtimePeriod !== 0 && { realtimePeriod: config.CpuRealtimePeriod }),
    ...(config.CpuRealtimeRuntime !== 0 && { realtimeRuntime: config.CpuRealtimeRuntime }),
    ...(config.CpusetCpus !== '' && { cpus: config.CpusetCpus }),
    ...(config.CpusetMems !== '' && { mems: config.CpusetMems }),
  };
}

function blockIo(config: HostConfig): OciResources['blockIO'] {
  return {
    ...(config.BlkioWeight > 0 && { weight: config.BlkioWeight }),
    ...(config.BlkioWeightDevice?.length && {
      weightDevice: config.BlkioWeightDevice.map(({ Path, Weight }) => ({ ...numbersOf(Path), weight: Weight })),
    }),
    ...throttle('throttleReadBpsDevice', config.BlkioDeviceReadBps),
    ...throttle('throttleWriteBpsDevice', config.BlkioDeviceWriteBps),
    ...throttle('throttleReadIOPSDevice', config.BlkioDeviceReadIOps),
    ...throttle('throttleWriteIOPSDevice', config.BlkioDeviceWriteIOps),
  };
}

function throttle(key: string, devices: Array<{ Path: string; Rate: number }> | null): Record<string, OciThrottle[]> {
  if (!devices?.length) return {};
  return { [key]: devices.map(({ Path, Rate }) => ({ ...numbersOf(Path), rate: Rate })) };
}

function numbersOf(path: string): { major: number; minor: number } {
  try {
    return deviceNumbers(statSync(path).rdev);
  } catch (error) {
    throw new SystemError(`stat ${path}: no such file or directory`, { cause: error });
  }
}
