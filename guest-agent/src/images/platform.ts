import { InvalidParameterError } from '../api/errors.ts';
import type { Platform } from './oci.ts';

const architectures: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  i386: { architecture: '386' },
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
};
const knownArchitectures = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mips64 mips64le mips64p32 mips64p32le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
);
const knownSystems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);
const nodeArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Platform of the machine that containers run on. */
export const hostPlatform: Platform = normalize({
  os: 'linux',
  architecture: nodeArchitectures[process.arch] ?? process.arch,
});

/** Variants that mean the default are dropped or spelled out, as containerd compares them. */
export function normalize(platform: Platform): Platform {
  const known = architectures[platform.architecture.toLowerCase()];
  const architecture = known?.architecture ?? platform.architecture.toLowerCase();
  const variant = normalVariant(architecture, (known?.variant ?? platform.variant ?? '').toLowerCase());
  const { variant: _, ...rest } = platform;
  return { ...rest, os: platform.os.toLowerCase(), architecture, ...(variant !== '' && { variant }) };
}

function normalVariant(architecture: string, variant: string): string {
  if (architecture === 'arm64') return variant === '8' || variant === 'v8' ? '' : variant;
  if (architecture === 'amd64') return variant === 'v1' ? '' : variant;
  if (architecture !== 'arm') return variant;
  if (variant === '') return 'v7';
  return /^[5-8]$/.test(variant) ? `v${variant}` : variant;
}

/** `os[/architecture[/variant]]` or an architecture alone, with containerd's error texts. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  for (const part of parts) {
    if (!/^[A-Za-z0-9_.-]+(?:\(.*\))?$/.test(part)) {
      throw new InvalidParameterError(
        `${JSON.stringify(part)} is an invalid component of ${JSON.stringify(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
      );
    }
  }
  const [os = '', architecture, variant] = parts;
  if (architecture === undefined) return parseSingle(os, text);
  return normalize({ os, architecture, ...(variant !== undefined && { variant }) });
}

function parseSingle(part: string, text: string): Platform {
  const lower = part.toLowerCase();
  if (knownSystems.has(lower)) return { ...hostPlatform, os: lower };
  const { architecture } = normalize({ os: 'linux', architecture: lower });
  if (knownArchitectures.has(architecture)) return normalize({ os: hostPlatform.os, architecture: lower });
  throw new InvalidParameterError(
    `${JSON.stringify(text)}: unknown operating system or architecture: invalid argument`,
  );
}

/** linux/arm64/v8 */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter((part) => part).join('/');
}

/** Same system, architecture and variant. */
export function samePlatform(a: Platform, b: Platform): boolean {
  const left = normalize(a);
  const right = normalize(b);
  return left.os === right.os && left.architecture === right.architecture && left.variant === right.variant;
}

const armVariants = ['v8', 'v7', 'v6', 'v5'];

/**
 * How well `candidate` runs where `wanted` does: 0 is exact, higher is worse, Infinity not at all
 * (arm64 machines run arm code, newer arm runs older, amd64 runs 386).
 */
export function platformDistance(wanted: Platform, candidate: Platform): number {
  const want = normalize(wanted);
  const have = normalize(candidate);
  if (want.os !== have.os) return Infinity;
  if (want.architecture === have.architecture) return variantDistance(want, have);
  if (want.architecture === 'amd64' && have.architecture === '386') return 100;
  if (want.architecture === 'arm64' && have.architecture === 'arm') {
    return 100 + Math.max(0, armVariants.indexOf(have.variant ?? 'v7'));
  }
  return Infinity;
}

function variantDistance(want: Platform, have: Platform): number {
  if (want.variant === have.variant) return 0;
  if (want.architecture === 'arm') {
    const distance = armVariants.indexOf(have.variant ?? 'v7') - armVariants.indexOf(want.variant ?? 'v7');
    return distance >= 0 ? distance : Infinity;
  }
  // A variant of amd64 or arm64 is a minimum of the processor: the plain architecture runs on each of them.
  return have.variant === undefined ? 1 : Infinity;
}
