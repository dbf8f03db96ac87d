import { expect, test } from 'vitest';
import { hostConfig } from '../api/engine/host-config.ts';
import { updateRequest } from '../api/engine/update-request.ts';
import { changedConfig, changedResources } from './update.ts';

const asked = (fields: object) => ({ ...updateRequest.zero(), ...fields });

test('what the request leaves open stays', () => {
  const now = { ...hostConfig.zero(), Memory: 7, CpuShares: 512, PidsLimit: 10 };
  const limits = asked({ CpuShares: 100 });
  expect(changedConfig(now, { limits, policy: limits.RestartPolicy })).toEqual({ ...now, CpuShares: 100 });
});

test('a pids limit of 0 is recorded as 0 and lifted at the runtime', () => {
  const limits = asked({ PidsLimit: 0 });
  expect(changedConfig(hostConfig.zero(), { limits, policy: limits.RestartPolicy }).PidsLimit).toBe(0);
  expect(changedResources(limits)).toEqual({ pids: { limit: -1 } });
});

test('CPUs become quota and period, unlimited swap is left to the next start', () => {
  expect(changedResources(asked({ NanoCpus: 1_500_000_000, Memory: 64, MemorySwap: -1 }))).toEqual({
    cpu: { period: 100_000, quota: 150_000 },
    memory: { limit: 64 },
  });
});
