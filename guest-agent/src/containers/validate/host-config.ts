import { isIP } from 'node:net';
import type { HostConfig, PortBinding, RestartPolicy } from '../../api/engine/host-config.ts';
import { InvalidParameterError, NotImplementedError } from '../../api/index.ts';
import { normaliseCapability } from '../oci-spec/capabilities.ts';
import { securityOptions } from '../oci-spec/security-options.ts';

function refuseIf(condition: boolean, message: string): void {
  if (condition) throw new InvalidParameterError(message);
}

/** Refuses what dockerd refuses in HostConfig apart from mounts and resources, with its texts. */
export function validateHostConfig(config: HostConfig): string[] {
  const policy = config.RestartPolicy;
  refuseIf(
    config.AutoRemove && policy.Name !== '' && policy.Name !== 'no',
    "can't create 'AutoRemove' container with restart policy",
  );
  for (const host of config.ExtraHosts ?? []) validateExtraHost(host);
  validatePorts(config.PortBindings ?? {});
  validateRestartPolicy(policy);
  validateCapabilities('CapAdd', config.CapAdd);
  validateCapabilities('CapDrop', config.CapDrop);
  refuseIf(!['', 'default'].includes(config.Isolation), `invalid isolation '${config.Isolation}' on linux`);
  refuseIf(
    '' in (config.Annotations ?? {}),
    'invalid Annotations: the empty string is not permitted as an annotation key',
  );
  validateModes(config);
  securityOptions(config.SecurityOpt ?? []);
  refuseUnbuilt(config);
  const isHostNetwork = config.NetworkMode === 'host';
  const discards = isHostNetwork && Object.keys(config.PortBindings ?? {}).length > 0;
  return discards ? ['Published ports are discarded when using host network mode'] : [];
}

function validateModes(config: HostConfig): void {
  const shared = (mode: string) => mode.startsWith('container:') && mode.length > 'container:'.length;
  const oneOf = (mode: string, modes: string[]) => modes.includes(mode) || shared(mode);
  refuseIf(!oneOf(config.IpcMode, ['', 'none', 'private', 'shareable', 'host']), `invalid IPC mode: ${config.IpcMode}`);
  refuseIf(!oneOf(config.PidMode, ['', 'host']), `invalid PID mode: ${config.PidMode}`);
  refuseIf(!['', 'host'].includes(config.UTSMode), `invalid UTS mode: ${config.UTSMode}`);
  refuseIf(
    !['', 'private', 'host'].includes(config.CgroupnsMode),
    `invalid cgroup namespace mode: ${config.CgroupnsMode}`,
  );
  refuseIf(config.ShmSize < 0, 'SHM size can not be less than 0');
  refuseIf(
    config.OomScoreAdj < -1000 || config.OomScoreAdj > 1000,
    `Invalid value ${config.OomScoreAdj}, range for oom score adj is [-1000, 1000]`,
  );
}

/** Fields whose meaning this engine cannot give yet are refused, not passed over. */
function refuseUnbuilt(config: HostConfig): void {
  const unbuilt: Array<[boolean, string]> = [
    [Boolean(config.DeviceRequests?.length), 'device requests (--gpus)'],
    [Boolean(config.StorageOpt && Object.keys(config.StorageOpt).length), 'storage options (--storage-opt)'],
    [Boolean(config.Links?.length), 'links (--link)'],
    [config.UsernsMode !== '' && config.UsernsMode !== 'host', `user namespace mode ${config.UsernsMode}`],
    [config.Cgroup !== '', 'the Cgroup field'],
  ];
  for (const [asked, feature] of unbuilt) {
    if (asked) throw new NotImplementedError(`${feature}: berth does not have this yet`);
  }
}

function validateExtraHost(entry: string): void {
  const at = entry.search(/[=:]/);
  refuseIf(at < 1, `bad format for add-host: "${entry}"`);
  const address = entry.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  refuseIf(address !== 'host-gateway' && isIP(address) === 0, `invalid IP address in add-host: "${address}"`);
}

function validatePorts(bindings: Record<string, PortBinding[] | null>): void {
  const isRange = (text: string) => text === '' || /^\d{1,5}(-\d{1,5})?$/.test(text);
  for (const [name, list] of Object.entries(bindings)) {
    const number = name.split('/')[0] ?? '';
    refuseIf(!isRange(number) || number === '' || Number(number) > 65535, `invalid port specification: "${number}"`);
    for (const { HostPort } of list ?? []) refuseIf(!isRange(HostPort), `invalid port specification: "${HostPort}"`);
  }
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
