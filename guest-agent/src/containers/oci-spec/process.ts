import { SystemError } from '../../api/index.ts';
import { containerEnvironment } from './environment.ts';
import { effectiveCapabilities } from './capabilities.ts';
import type { SpecModifier } from './context.ts';
import { rawJson, type JsonText } from './raw-json.ts';
import { resolveUser } from './user.ts';
import { withDefaultUlimits } from './ulimits.ts';

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
  const ulimits = withDefaultUlimits(record.hostConfig.Ulimits, defaultUlimits) ?? [];
  if (ulimits.length === 0) return;
  spec.process.rlimits = ulimits.map(({ Name, Hard, Soft }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    hard: unsigned(Hard),
    soft: unsigned(Soft),
  }));
};

/** -1 means no limit, which the kernel and the OCI spec write as the largest 64-bit number: no number of JavaScript's. */
const unsigned = (limit: number): number | JsonText =>
  limit < 0 ? rawJson(BigInt.asUintN(64, BigInt(limit)).toString()) : limit;

const initTarget = '/sbin/docker-init';

/** --init: docker-init becomes process 1 and runs the command. */
export const initModifier: SpecModifier = (spec, { record, host }) => {
  const { Init: asked, PidMode: pidMode } = record.hostConfig;
  if (!(asked ?? host.initByDefault) || pidMode !== '') return;
  if (host.initBinary === null) throw new SystemError('exec: "docker-init": executable file not found in $PATH');
  spec.process.args = [initTarget, '--', ...spec.process.args];
  spec.mounts.push({ destination: initTarget, type: 'bind', source: host.initBinary, options: ['bind', 'ro'] });
};
