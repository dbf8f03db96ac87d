import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { parseCpuList } from './cpu-list.ts';
import { refuseIf } from './refuse-if.ts';

const minMemoryBytes = 6 * 1024 * 1024;

/** What the machine's kernel can limit. */
export interface ResourceHost {
  cpuCount: number;
  cgroupVersion: 1 | 2;
  /** The kernel's I/O scheduler takes weights. */
  hasBlkioWeight: boolean;
  /** … and one per device. */
  hasBlkioWeightDevice: boolean;
}

export const thisHost = (cgroupVersion: 1 | 2): ResourceHost => ({
  cpuCount: availableParallelism(),
  cgroupVersion,
  hasBlkioWeight: cgroupVersion === 2 || existsSync('/sys/fs/cgroup/blkio/blkio.weight'),
  hasBlkioWeightDevice: cgroupVersion === 2 || existsSync('/sys/fs/cgroup/blkio/blkio.weight_device'),
});

/** Refuses what dockerd refuses; answers its warnings. A limit that the kernel lacks is warned of and dropped. */
export function validateResources(config: HostConfig, host: ResourceHost, isUpdate = false): string[] {
  const warnings: string[] = [];
  validateMemory(config, isUpdate);
  dropForCgroup2(config, host, warnings);
  validateCpu(config, host);
  dropBlkioWeight(config, host, warnings);
  validateBlockIo(config);
  dropBlkioWeightDevices(config, host, warnings);
  if (config.CpuPercent > 0) {
    warnings.push('linux does not support CPU percent. Percent discarded.');
    config.CpuPercent = 0;
  }
  return warnings;
}

function validateMemory(config: HostConfig, isUpdate: boolean): void {
  const { Memory: memory, MemorySwap: swap, MemoryReservation: reservation, MemorySwappiness: swappiness } = config;
  refuseIf(memory !== 0 && memory < minMemoryBytes, 'Minimum memory limit allowed is 6MB');
  refuseIf(
    memory > 0 && swap > 0 && swap < memory,
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  );
  refuseIf(
    memory === 0 && swap > 0 && !isUpdate,
    'You should always set the Memory limit when using Memoryswap limit, see usage',
  );
  if (swappiness === -1) config.MemorySwappiness = null;
  refuseIf(
    swappiness !== null && (swappiness < -1 || swappiness > 100),
    `Invalid value: ${swappiness}, valid memory swappiness range is 0-100`,
  );
  refuseIf(reservation > 0 && reservation < minMemoryBytes, 'Minimum memory reservation allowed is 6MB');
  refuseIf(
    memory > 0 && reservation > 0 && memory < reservation,
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  );
}

function dropForCgroup2(config: HostConfig, host: ResourceHost, warnings: string[]): void {
  if (config.OomKillDisable && config.Memory === 0 && host.cgroupVersion === 1) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
  if (config.KernelMemory > 0) {
    warnings.push(
      'Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
    );
    config.KernelMemory = 0;
  }
  if (host.cgroupVersion === 1) return;
  if (config.OomKillDisable) warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
  config.OomKillDisable = null;
  if (config.MemorySwappiness !== null) {
    warnings.push(
      'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    );
    config.MemorySwappiness = null;
  }
}

function validateCpu(config: HostConfig, host: ResourceHost): void {
  refuseIf(config.CpuShares < 0, `invalid CPU shares (${config.CpuShares}): value must be a positive integer`);
  const { NanoCpus: nano, CpuPeriod: period, CpuQuota: quota } = config;
  refuseIf(nano > 0 && period > 0, 'Conflicting options: Nano CPUs and CPU Period cannot both be set');
  refuseIf(nano > 0 && quota > 0, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  refuseIf(
    nano < 0 || nano > host.cpuCount * 1e9,
    `range of CPUs is from 0.01 to ${host.cpuCount}.00, as there are only ${host.cpuCount} CPUs available`,
  );
  refuseIf(
    period !== 0 && (period < 1000 || period > 1_000_000),
    'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  );
  refuseIf(quota > 0 && quota < 1000, 'CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkAvailable(config.CpusetCpus, { noun: 'CPUs', field: 'cpuset cpus', highest: host.cpuCount - 1 });
  checkAvailable(config.CpusetMems, { noun: 'memory nodes', field: 'cpuset mems', highest: 0 });
}

function checkAvailable(list: string, limit: { noun: string; field: string; highest: number }): void {
  const wanted = parseCpuList(list);
  if (typeof wanted === 'string') return refuseIf(true, `Invalid value ${list} for ${limit.field}: ${wanted}`);
  const available = limit.highest === 0 ? '0' : `0-${limit.highest}`;
  refuseIf(
    wanted.some((cpu) => cpu > limit.highest),
    `Requested ${limit.noun} are not available - requested ${list}, available: ${available}`,
  );
}

function dropBlkioWeight(config: HostConfig, host: ResourceHost, warnings: string[]): void {
  if (host.hasBlkioWeight || config.BlkioWeight === 0) return;
  warnings.push('Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.');
  config.BlkioWeight = 0;
}

function dropBlkioWeightDevices(config: HostConfig, host: ResourceHost, warnings: string[]): void {
  if (host.hasBlkioWeightDevice || !config.BlkioWeightDevice?.length) return;
  warnings.push(
    'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
  );
  config.BlkioWeightDevice = [];
}

function validateBlockIo(config: HostConfig): void {
  const { BlkioWeight: weight } = config;
  refuseIf(weight > 0 && (weight < 10 || weight > 1000), 'Range of blkio weight is from 10 to 1000');
  refuseIf(
    config.IOMaximumBandwidth !== 0 || config.IOMaximumIOps !== 0,
    'Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps',
  );
}
