import { SystemError } from '../../api/index.ts';
import { containerEnvironment } from './environment.ts';
import { effectiveCapabilities } from './capabilities.ts';
import type { SpecModifier } from './context.ts';
import { resolveUser } from './user.ts';
import { ociRlimits, withDefaultUlimits } from './ulimits.ts';

export const processModifier: SpecModifier = (spec, { record, accounts, linkedEnv }) => {
  const { config, hostConfig } = record;
  const [height = 0, width = 0] = hostConfig.ConsoleSize ?? [];
  spec.process = {
    ...(config.Tty && { terminal: true }),
    ...(config.Tty && height > 0 && { consoleSize: { height, width } }),
    user: resolveUser(config.User, hostConfig.GroupAdd ?? [], accounts),
    args: [record.path, ...record.args],
    env: containerEnvironment({ hostname: config.Hostname, tty: config.Tty, linked: linkedEnv, env: config.Env }),
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    oomScoreAdj: hostConfig.OomScoreAdj,
  };
};

/** Capabilities: a user other than root gets them as a bound only, as execve would have it. */
export const capabilitiesModifier: SpecModifier = (spec, { record, host }) => {
  const { Privileged: privileged, CapAdd: add, CapDrop: drop } = record.hostConfig;
  const bounding = effectiveCapabilities({ available: host.capabilities, privileged, add, drop });
  const effective = spec.process.user.uid === 0 ? bounding : [];
  spec.process.capabilities = { bounding, effective, permitted: effective, inheritable: [], ambient: [] };
};

export const rlimitsModifier: SpecModifier = (spec, { record, defaultUlimits }) => {
  const rlimits = ociRlimits(withDefaultUlimits(record.hostConfig.Ulimits, defaultUlimits));
  if (rlimits.length > 0) spec.process.rlimits = rlimits;
};

const initTarget = '/sbin/docker-init';

/** --init: docker-init becomes process 1 and runs the command. */
export const initModifier: SpecModifier = (spec, { record, host }) => {
  const { Init: asked, PidMode: pidMode } = record.hostConfig;
  if (!(asked ?? host.initByDefault) || pidMode !== '') return;
  if (host.initBinary === null) throw new SystemError('exec: "docker-init": executable file not found in $PATH');
  spec.process.args = [initTarget, '--', ...spec.process.args];
  spec.mounts.push({ destination: initTarget, type: 'bind', source: host.initBinary, options: ['bind', 'ro'] });
};
