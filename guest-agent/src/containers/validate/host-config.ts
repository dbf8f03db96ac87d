import { isIP } from 'node:net';
import type { HostConfig, PortBinding, RestartPolicy } from '../../api/engine/host-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { BindSources } from '../bind-sources.ts';
import { normaliseCapability } from '../oci-spec/capabilities.ts';
import { targetProblem, validateMount } from './mount-config.ts';
import { refuseIf } from './refuse-if.ts';

/** Refuses what dockerd refuses in HostConfig whatever the machine, with its texts; answers its warnings. */
export async function validateHostConfig(config: HostConfig, sources: BindSources): Promise<string[]> {
  const policy = config.RestartPolicy;
  refuseIf(
    config.AutoRemove && policy.Name !== '' && policy.Name !== 'no',
    "can't create 'AutoRemove' container with restart policy",
  );
  const mounts = config.Mounts ?? [];
  for (const mount of mounts) await validateMount(mount, sources);
  for (const host of config.ExtraHosts ?? []) validateExtraHost(host);
  validatePorts(config.PortBindings ?? {});
  validateRestartPolicy(policy);
  validateCapabilities('CapAdd', config.CapAdd);
  validateCapabilities('CapDrop', config.CapDrop);
  refuseIf(
    '' in (config.Annotations ?? {}),
    'invalid Annotations: the empty string is not permitted as an annotation key',
  );
  return mounts.filter(({ Type }) => Type === 'image').map(() => 'Image mount is an experimental feature');
}

/** Namespaces and the like, which dockerd looks at after the resources. */
export function validateSharing(config: HostConfig, { isRemapped }: { isRemapped: boolean }): string[] {
  validateModes(config);
  for (const target of Object.keys(config.Tmpfs ?? {})) refuseTmpfsTarget(target);
  refuseIf(
    !['', 'private', 'host'].includes(config.CgroupnsMode),
    `invalid cgroup namespace mode: ${config.CgroupnsMode}`,
  );
  if (isRemapped && config.UsernsMode !== 'host') validateRemapped(config);
  const discards = config.NetworkMode === 'host' && Object.keys(config.PortBindings ?? {}).length > 0;
  return discards ? ['Published ports are discarded when using host network mode'] : [];
}

/** What a container can only have in the machine's own user namespace. */
function validateRemapped({ Privileged, NetworkMode, PidMode }: HostConfig): void {
  refuseIf(
    Privileged,
    'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
  );
  refuseIf(NetworkMode === 'host', "cannot share the host's network namespace when user namespaces are enabled");
  refuseIf(PidMode === 'host', 'cannot share the host PID namespace when user namespaces are enabled');
}

function refuseTmpfsTarget(target: string): void {
  const problem = target === '' ? "invalid mount path: '' mount path must be absolute" : targetProblem(target);
  if (problem !== null) throw new InvalidParameterError(problem);
}

function validateModes(config: HostConfig): void {
  const { IpcMode: ipc, PidMode: pid } = config;
  // An empty name is for the start to refuse, but not with --pid.
  const isIpc = ['', 'none', 'private', 'shareable', 'host'].includes(ipc) || ipc.startsWith('container:');
  refuseIf(!isIpc, `invalid IPC mode: ${ipc}`);
  refuseIf(!['', 'host'].includes(pid) && !/^container:./.test(pid), `invalid PID mode: ${pid}`);
  refuseIf(config.ShmSize < 0, 'SHM size can not be less than 0');
  refuseIf(!['', 'host'].includes(config.UTSMode), `invalid UTS mode: ${config.UTSMode}`);
  refuseIf(
    config.OomScoreAdj < -1000 || config.OomScoreAdj > 1000,
    `Invalid value ${config.OomScoreAdj}, range for oom score adj is [-1000, 1000]`,
  );
}

function validateExtraHost(entry: string): void {
  const at = entry.indexOf(':');
  refuseIf(at < 1, `bad format for add-host: "${entry}"`);
  const address = entry.slice(at + 1);
  refuseIf(address !== 'host-gateway' && isIP(address) === 0, `invalid IP address in add-host: "${address}"`);
}

const highestPort = 65535;

function validatePorts(bindings: Record<string, PortBinding[] | null>): void {
  for (const [name, list] of Object.entries(bindings)) {
    const number = name.split('/')[0] ?? '';
    refuseIf(!/^\d+$/.test(number) || Number(number) > highestPort, `invalid port specification: "${number}"`);
    for (const { HostPort } of list ?? []) {
      refuseIf(HostPort !== '' && !isPortRange(HostPort), `invalid port specification: "${HostPort}"`);
    }
  }
}

function isPortRange(text: string): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match !== null && first <= last && last <= highestPort;
}

export function validateRestartPolicy(policy: RestartPolicy): void {
  const { Name: name, MaximumRetryCount: retries } = policy;
  const explain = (text: string) => `invalid restart policy: ${text}`;
  refuseIf(
    !['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(name),
    explain(`unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`),
  );
  refuseIf(
    name !== 'on-failure' && retries !== 0,
    explain(
      retries < 0
        ? "maximum retry count can only be used with 'on-failure' and cannot be negative"
        : "maximum retry count can only be used with 'on-failure'",
    ),
  );
  refuseIf(name === 'on-failure' && retries < 0, explain('maximum retry count cannot be negative'));
}

function validateCapabilities(field: string, names: string[] | null): void {
  for (const name of names ?? []) {
    try {
      normaliseCapability(name);
    } catch (error) {
      throw new InvalidParameterError(`invalid ${field}: ${(error as Error).message}`, { cause: error });
    }
  }
}
