import { checkAcceleration } from './checks/acceleration.ts';
import { checkConfiguration } from './checks/configuration.ts';
import { checkDaemon } from './checks/daemon.ts';
import { checkDiskSpace } from './checks/disk-space.ts';
import { checkDockerClient } from './checks/docker-client.ts';
import { checkDriver } from './checks/driver.ts';
import { checkForwarding } from './checks/forwarding.ts';
import { checkHome } from './checks/home.ts';
import { checkOtherEngine } from './checks/other-engine.ts';
import { checkQemu } from './checks/qemu.ts';
import { checkSocketPath } from './checks/socket-path.ts';
import { checkVmImage } from './checks/vm-image.ts';
import { configurationFact } from './facts/configuration.ts';
import { daemonFact } from './facts/daemon.ts';
import { dockerClientFact } from './facts/docker-client.ts';
import { forwardingFact } from './facts/forwarding.ts';
import { diskSpaceFact, homeFact, socketPathFact } from './facts/home.ts';
import { otherEngineFact } from './facts/other-engine.ts';
import { accelerationFact, qemuFact, vmImageFact } from './facts/vm.ts';
import { type Finding, type NamedFinding, warning } from './finding.ts';
import type { DoctorHost } from './host.ts';

/** Looks and judges; what it cannot look at it rejects with. */
export type Check = (host: DoctorHost) => Promise<Finding>;

/** In the order in which they are told. */
export const checks: Readonly<Record<string, Check>> = {
  configuration: async (host) => checkConfiguration(await configurationFact(host)),
  home: async (host) => checkHome(await homeFact(host)),
  'disk-space': async (host) => checkDiskSpace(await diskSpaceFact(host)),
  'socket-path': async (host) => checkSocketPath(await socketPathFact(host)),
  driver: async ({ driver }) => checkDriver(driver),
  qemu: async (host) => checkQemu(await qemuFact(host)),
  acceleration: async (host) => checkAcceleration(await accelerationFact(host)),
  'vm-image': async (host) => checkVmImage(await vmImageFact(host)),
  daemon: async (host) => checkDaemon(await daemonFact(host)),
  'docker-client': async (host) => checkDockerClient(await dockerClientFact(host)),
  'other-engine': async (host) => checkOtherEngine(await otherEngineFact(host)),
  forwarding: async (host) => checkForwarding(await forwardingFact(host)),
};

/** Runs every check, all at once; one that fails is a finding itself. */
export function examine(host: DoctorHost, all = checks): Promise<NamedFinding[]> {
  return Promise.all(
    Object.entries(all).map(async ([name, check]) => ({ check: name, ...(await found(check, host)) })),
  );
}

async function found(check: Check, host: DoctorHost): Promise<Finding> {
  try {
    return await check(host);
  } catch (error) {
    return warning(
      `could not be looked at: ${(error as Error).message}`,
      'put that right and run `berth doctor` again',
    );
  }
}
