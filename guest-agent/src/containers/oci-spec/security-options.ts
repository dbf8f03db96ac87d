import { parseBool } from '../../api/engine/strconv.ts';
import { SystemError } from '../../api/index.ts';
import { parseProfile, type SeccompProfile } from './seccomp.ts';

/** --security-opt, parsed. */
export interface SecurityOptions {
  noNewPrivileges: boolean;
  /** 'default', 'unconfined' or the text of a profile (the CLI sends the file's contents). */
  seccomp: string;
  /** null: the engine's default. */
  apparmor: string | null;
  /** True: /proc and /sys are neither masked nor read-only (`systempaths=unconfined`; the CLI sends empty lists). */
  labelDisabled: boolean;
  /** null: as `--privileged` says. */
  writableCgroups: boolean | null;
}

/** Throws with Docker's sentence, and its 500, on an option it does not know. */
export function securityOptions(options: readonly string[], defaults: Partial<SecurityOptions> = {}): SecurityOptions {
  const result: SecurityOptions = {
    ...{ noNewPrivileges: false, seccomp: 'default', apparmor: null, labelDisabled: false, writableCgroups: null },
    ...defaults,
  };
  for (const option of options) apply(option, result);
  return result;
}

function apply(option: string, result: SecurityOptions): void {
  if (option === 'no-new-privileges') return void (result.noNewPrivileges = true);
  if (option === 'writable-cgroups') return void (result.writableCgroups = true);
  if (option === 'disable') return void (result.labelDisabled = true);
  const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':');
  if (at === -1) throw new SystemError(`invalid --security-opt 1: "${option}"`);
  const [key, value] = [option.slice(0, at), option.slice(at + 1)];
  if (key === 'seccomp') result.seccomp = value === 'builtin' ? 'default' : value;
  else if (key === 'apparmor') result.apparmor = value;
  else if (key === 'label') result.labelDisabled ||= value === 'disable';
  else if (key === 'no-new-privileges') result.noNewPrivileges = parseBoolean(option, value);
  else if (key === 'writable-cgroups') result.writableCgroups = parseBoolean(option, value);
  else throw new SystemError(`invalid --security-opt 2: "${option}"`);
}

function parseBoolean(option: string, value: string): boolean {
  const parsed = parseBool(value);
  if (parsed === null) throw new SystemError(`invalid --security-opt 2: "${option}"`);
  return parsed;
}

/** The profile to filter with; null for none. */
export function loadedProfile(options: SecurityOptions, fallback: SeccompProfile | null): SeccompProfile | null {
  if (options.seccomp === 'unconfined') return null;
  return options.seccomp === 'default' ? fallback : parseProfile(options.seccomp);
}
