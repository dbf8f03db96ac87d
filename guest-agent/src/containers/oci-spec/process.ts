import { containerEnvironment } from './environment.ts';
import { effectiveCapabilities } from './capabilities.ts';
import type { SpecModifier } from './context.ts';
import { resolveUser } from './user.ts';

export const processModifier: SpecModifier = (spec, { record, accounts }) => {
  const { config, hostConfig } = record;
  const [height = 0, width = 0] = hostConfig.ConsoleSize ?? [];
  spec.process = {
    ...(config.Tty && { terminal: true }),
    ...(config.Tty && height > 0 && { consoleSize: { height, width } }),
    user: resolveUser(config.User, hostConfig.GroupAdd ?? [], accounts),
    args: [record.path, ...record.args],
    env: containerEnvironment({ hostname: config.Hostname, tty: config.Tty, env: config.Env }),
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

export const rlimitsModifier: SpecModifier = (spec, { record }) => {
  const ulimits = record.hostConfig.Ulimits ?? [];
  if (ulimits.length === 0) return;
  spec.process.rlimits = ulimits.map(({ Name, Hard, Soft }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    hard: Hard,
    soft: Soft,
  }));
};

const initTarget = '/sbin/docker-init';

/** --init: docker-init becomes process 1 and runs the command. */
export const initModifier: SpecModifier = (spec, { record, host }) => {
  if (!record.hostConfig.Init || host.initBinary === null) return;
  spec.process.args = [initTarget, '--', ...spec.process.args];
  spec.mounts.push({ destination: initTarget, type: 'bind', source: host.initBinary, options: ['bind', 'ro'] });
};
