import { appliedProfile } from '../containers/apparmor/apparmor.ts';
import type { OciProcess, OciUser } from '../containers/oci-spec/oci.ts';
import { effectiveCapabilities } from '../containers/oci-spec/capabilities.ts';
import { containerEnvironment, mergeEnvironment } from '../containers/oci-spec/environment.ts';
import type { SpecHost } from '../containers/oci-spec/context.ts';
import { ociRlimits, withDefaultUlimits, type Ulimits } from '../containers/oci-spec/ulimits.ts';
import { securityOptions } from '../containers/oci-spec/security-options.ts';
import type { Exec } from './exec.ts';

/** The OCI process of an exec: the container's own, with what the exec asks for instead. */
export function execProcess(request: {
  exec: Exec;
  host: Pick<SpecHost, 'capabilities' | 'securityDefaults' | 'hasAppArmor'>;
  user: OciUser;
  choice: { tty: boolean; consoleSize: readonly number[] | null };
  /** Variables of the container's links. */
  linked: readonly string[];
  defaultUlimits: Ulimits;
}): OciProcess {
  const { exec, choice, user } = request;
  const { config, container } = exec;
  const { record } = container;
  const { hostConfig } = record;
  const [height = 0, width = 0] = choice.consoleSize ?? [];
  const bounding = config.Privileged
    ? [...request.host.capabilities]
    : effectiveCapabilities({
        available: request.host.capabilities,
        privileged: hostConfig.Privileged,
        add: hostConfig.CapAdd,
        drop: hostConfig.CapDrop,
      });
  const options = securityOptions(hostConfig.SecurityOpt ?? [], request.host.securityDefaults);
  const rlimits = ociRlimits(withDefaultUlimits(hostConfig.Ulimits, request.defaultUlimits));
  const effective = user.uid === 0 ? bounding : [];
  const base = containerEnvironment({
    hostname: record.config.Hostname,
    tty: choice.tty,
    linked: request.linked,
    env: record.config.Env,
  });
  return {
    terminal: choice.tty,
    ...(choice.tty && height > 0 && { consoleSize: { height, width } }),
    user,
    args: [...(config.Cmd ?? [])],
    env: mergeEnvironment(base, config.Env ?? []),
    cwd: config.WorkingDir || record.config.WorkingDir || '/',
    capabilities: { bounding, effective, permitted: effective, inheritable: [], ambient: [] },
    noNewPrivileges: options.noNewPrivileges,
    ...(request.host.hasAppArmor && { apparmorProfile: appliedProfile(options.apparmor, hostConfig.Privileged) }),
    ...(rlimits.length > 0 && { rlimits }),
    oomScoreAdj: hostConfig.OomScoreAdj,
  };
}
