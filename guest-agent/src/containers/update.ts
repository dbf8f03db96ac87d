import { hostConfig as hostConfigShape, type HostConfig, type RestartPolicy } from '../api/engine/host-config.ts';
import type { UpdateRequest } from '../api/engine/update-request.ts';
import { ConflictError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { OciResources } from './oci-spec/oci.ts';
import { validateRestartPolicy } from './validate/host-config.ts';
import { thisHost, validateResources } from './validate/resources.ts';

type Limits = Omit<UpdateRequest, 'RestartPolicy'>;

/** Refuses what dockerd refuses before it looks for the container; answers its warnings, drops what they name. */
export function checkUpdate({ specHost }: ContainerDependencies, request: UpdateRequest): UpdateChange {
  validateRestartPolicy(request.RestartPolicy);
  const checked: HostConfig = { ...hostConfigShape.zero(), ...request };
  if (checked.PidsLimit !== null && checked.PidsLimit <= 0) checked.PidsLimit = 0;
  const warnings = validateResources(checked, thisHost(specHost.cgroupVersion), true);
  return { limits: checked, policy: request.RestartPolicy, warnings };
}

export interface UpdateChange {
  /** 0, '' and null leave what is; a pids limit of 0 lifts it. */
  limits: Limits;
  /** Name '' leaves the policy. */
  policy: RestartPolicy;
  warnings: string[];
}

/** Changes limits and restart policy, of a running container at once. What cannot be applied is not recorded. */
export function updateContainer(
  deps: ContainerDependencies,
  container: Container,
  change: UpdateChange,
): Promise<void> {
  return container.lock.run(async () => {
    const { record, state } = container;
    if (state.phase === 'removing' || state.phase === 'dead') {
      const why = 'container is marked for removal and cannot be "update"';
      throw new SystemError(`Cannot update container ${container.id}: ${why}`);
    }
    refuseConflicts(container, change);
    container.replaceRecord({ ...record, hostConfig: changedConfig(record.hostConfig, change) });
    if (hasTask(state)) {
      try {
        await deps.tasks.update(container.id, changedResources(change.limits));
      } catch (error) {
        container.replaceRecord(record);
        const text = (error as Error).message.replace(/: unknown$/, '');
        throw new SystemError(`Cannot update container ${container.id}: ${text}`, { cause: error });
      }
    }
    deps.events.publish(containerEvent(container, 'update'));
  });
}

const cannotUpdate = ({ id }: Container, why: string) => new ConflictError(`Cannot update container ${id}: ${why}`);

function refuseConflicts(container: Container, { limits, policy }: UpdateChange): void {
  const { hostConfig: now } = container.record;
  const refuseIf = (condition: boolean, why: string) => {
    if (condition) throw cannotUpdate(container, why);
  };
  const clash = (what: string, set: string) =>
    `Conflicting options: ${what} cannot be updated as ${set} has already been set`;
  refuseIf(limits.NanoCpus > 0 && now.CpuPeriod > 0, clash('Nano CPUs', 'CPU Period'));
  refuseIf(limits.NanoCpus > 0 && now.CpuQuota > 0, clash('Nano CPUs', 'CPU Quota'));
  refuseIf(limits.CpuPeriod > 0 && now.NanoCpus > 0, clash('CPU Period', 'NanoCPUs'));
  refuseIf(limits.CpuQuota > 0 && now.NanoCpus > 0, clash('CPU Quota', 'NanoCPUs'));
  refuseIf(
    limits.Memory !== 0 && limits.Memory > now.MemorySwap && limits.MemorySwap === 0,
    'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
  );
  refuseIf(
    !['', 'no'].includes(policy.Name) && now.AutoRemove,
    'Restart policy cannot be updated because AutoRemove is enabled for the container',
  );
}

const changeable = [
  'BlkioWeight', 'CpuShares', 'NanoCpus', 'CpuPeriod', 'CpuQuota', 'CpusetCpus', 'CpusetMems', 'Memory', 'MemorySwap',
  'MemoryReservation', 'CpuRealtimePeriod', 'CpuRealtimeRuntime',
] as const; // prettier-ignore

/** The other resources of the request (devices, ulimits, …) are fixed at create, for dockerd too. */
export function changedConfig(now: HostConfig, { limits, policy }: Omit<UpdateChange, 'warnings'>): HostConfig {
  const changes = changeable.filter((key) => limits[key] !== 0 && limits[key] !== '').map((key) => [key, limits[key]]);
  return {
    ...now,
    ...(Object.fromEntries(changes) as Partial<HostConfig>),
    ...(limits.PidsLimit !== null && { PidsLimit: limits.PidsLimit }),
    ...(policy.Name !== '' && { RestartPolicy: policy }),
  };
}

const cpuPeriodUs = 100_000;

/** Only what the request names: the runtime keeps the rest. */
export function changedResources(limits: Limits): OciResources {
  const period = limits.NanoCpus !== 0 ? cpuPeriodUs : limits.CpuPeriod;
  const quota = limits.NanoCpus !== 0 ? Math.floor((limits.NanoCpus * cpuPeriodUs) / 1e9) : limits.CpuQuota;
  const cpu: OciResources['cpu'] = {
    ...(limits.CpuShares !== 0 && { shares: limits.CpuShares }),
    ...(period !== 0 && { period }),
    ...(quota !== 0 && { quota }),
    ...(limits.CpusetCpus !== '' && { cpus: limits.CpusetCpus }),
    ...(limits.CpusetMems !== '' && { mems: limits.CpusetMems }),
  };
  const memory: OciResources['memory'] = {
    ...(limits.Memory !== 0 && { limit: limits.Memory }),
    ...(limits.MemoryReservation !== 0 && { reservation: limits.MemoryReservation }),
    ...(limits.MemorySwap > 0 && { swap: limits.MemorySwap }),
  };
  return {
    ...(limits.BlkioWeight !== 0 && { blockIO: { weight: limits.BlkioWeight } }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(Object.keys(memory).length > 0 && { memory }),
    // The runtime wants -1 to lift a limit.
    ...(limits.PidsLimit !== null && { pids: { limit: limits.PidsLimit > 0 ? limits.PidsLimit : -1 } }),
  };
}
