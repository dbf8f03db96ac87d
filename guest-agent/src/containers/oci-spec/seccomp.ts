import { readFile } from 'node:fs/promises';
import { describeSyntaxError } from '../../api/engine/json-syntax.ts';
import { SystemError } from '../../api/index.ts';
import type { OciSeccomp } from './oci.ts';

/** Docker's profile format (moby profiles/seccomp, also shipped by containers-common). */
interface ProfileFilter {
  caps?: string[];
  arches?: string[];
  minKernel?: string;
}

interface ProfileRule {
  names?: string[];
  name?: string;
  action: string;
  args?: unknown[] | null;
  errnoRet?: number;
  includes?: ProfileFilter;
  excludes?: ProfileFilter;
}

interface Profile {
  /** Absent: the profile filters nothing. */
  defaultAction?: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  archMap?: Array<{ architecture: string; subArchitectures: string[] | null }>;
  syscalls?: ProfileRule[];
}

export interface SeccompHost {
  /** As in a profile's archMap and includes: 'amd64' or 'arm64'. */
  arch: 'amd64' | 'arm64';
  /** As uname -r. */
  kernelVersion: string;
  /** False: the kernel runs no x32 programs, and filtering their system calls would be wasted time. */
  hasX32: boolean;
}

const nativeArchitecture = { amd64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' } as const;

const eperm = 1;

/**
 * A shipped profile as the engine's default: what it does not name fails with EPERM, as under Docker (runc still
 * answers ENOSYS for what is newer than the profile). Rules that only repeat this are left out: each costs libseccomp
 * time at every start and exec.
 */
export async function loadProfile(path: string): Promise<Profile> {
  const profile = parseProfile(await readFile(path, 'utf8'));
  if (profile.defaultAction !== 'SCMP_ACT_ERRNO') return profile;
  const isDefault = ({ action, args, errnoRet = eperm }: ProfileRule) =>
    action === 'SCMP_ACT_ERRNO' && errnoRet === eperm && !args?.length;
  const syscalls = (profile.syscalls ?? []).filter((rule) => !isDefault(rule));
  return { ...profile, defaultErrnoRet: eperm, syscalls };
}

/** Throws dockerd's words on anything that is no profile. */
export function parseProfile(text: string): Profile {
  let profile: Profile;
  try {
    profile = JSON.parse(text) as Profile;
  } catch (error) {
    const why = describeSyntaxError(text).replace('unexpected EOF', 'unexpected end of JSON input');
    throw new SystemError(`Decoding seccomp profile failed: ${why}`, { cause: error });
  }
  if (typeof profile !== 'object' || profile === null || Array.isArray(profile)) {
    const kind = Array.isArray(profile) ? 'array' : typeof profile;
    throw new SystemError(
      `Decoding seccomp profile failed: json: cannot unmarshal ${kind} into Go value of type seccomp.Seccomp`,
    );
  }
  refuseAmbiguous(profile);
  return profile;
}

function refuseAmbiguous({ architectures, archMap, syscalls }: Profile): void {
  const refuse = (one: string, other: string) => {
    throw new SystemError(
      `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`,
    );
  };
  if (architectures?.length && archMap?.length) refuse('architectures', 'archMap');
  if (syscalls?.some(({ name, names }) => name && names?.length)) refuse('name', 'names');
}

/** The rules of a profile that apply to a container with these capabilities on this host; null where it has none. */
export function resolveProfile(
  profile: Profile,
  capabilities: readonly string[],
  host: SeccompHost,
): OciSeccomp | null {
  if (!profile.defaultAction) return null;
  const applies = (rule: ProfileRule) =>
    matches(rule.includes, capabilities, host) && !isExcluded(rule.excludes, capabilities, host);
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architecturesOf(profile, host),
    syscalls: (profile.syscalls ?? []).filter(applies).map((rule) => ({
      names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
      action: rule.action,
      ...(rule.errnoRet !== undefined && { errnoRet: rule.errnoRet }),
      ...(rule.args && rule.args.length > 0 && { args: rule.args }),
    })),
  };
}

function architecturesOf(profile: Profile, host: SeccompHost): string[] {
  const native = nativeArchitecture[host.arch];
  const entry = profile.archMap?.find((candidate) => candidate.architecture === native);
  const all = entry ? [native, ...(entry.subArchitectures ?? [])] : (profile.architectures ?? [native]);
  return host.hasX32 ? all : all.filter((architecture) => architecture !== 'SCMP_ARCH_X32');
}

function matches(filter: ProfileFilter | undefined, capabilities: readonly string[], host: SeccompHost): boolean {
  if (filter?.arches?.length && !filter.arches.includes(host.arch)) return false;
  if (filter?.caps && !filter.caps.every((cap) => capabilities.includes(cap))) return false;
  return !filter?.minKernel || kernelAtLeast(host.kernelVersion, filter.minKernel);
}

function isExcluded(filter: ProfileFilter | undefined, capabilities: readonly string[], host: SeccompHost): boolean {
  if (filter?.arches?.includes(host.arch)) return true;
  if (filter?.caps?.some((cap) => capabilities.includes(cap))) return true;
  return Boolean(filter?.minKernel && kernelAtLeast(host.kernelVersion, filter.minKernel));
}

function kernelAtLeast(actual: string, minimum: string): boolean {
  const [major = 0, minor = 0] = actual.split('.').map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

export type SeccompProfile = Profile;
