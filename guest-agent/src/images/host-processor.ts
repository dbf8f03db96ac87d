import { readFile } from 'node:fs/promises';
import type { Platform } from './oci.ts';
import { formatPlatform, hostPlatform, platformDistance } from './platform.ts';

/** What the levels of x86-64 add to the one before, by the kernel's names (the x86-64 psABI's table). */
const levels: readonly (readonly [variant: string, flags: string])[] = [
  ['v2', 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3'],
  ['v3', 'avx avx2 bmi1 bmi2 f16c fma abm movbe'],
  ['v4', 'avx512f avx512bw avx512cd avx512dq avx512vl'],
];

/** The newest variant that a processor with these flags of /proc/cpuinfo is. */
export function amd64Variant(flags: ReadonlySet<string>): string {
  const missing = levels.findIndex(([, needed]) => needed.split(' ').some((flag) => !flags.has(flag)));
  return ['v1', ...levels.map(([variant]) => variant)].at(missing) ?? 'v1';
}

/** dockerd's warning about an image for a processor that nobody asked for and this machine does not have. */
export async function foreignImageWarnings({ os, architecture, variant }: Platform): Promise<string[]> {
  const platform = { os, architecture, ...(variant && { variant }) };
  const host = await hostProcessor();
  if (platformDistance(host, platform) !== Infinity) return [];
  return [
    `The requested image's platform (${formatPlatform(platform)}) does not match the detected host platform (${formatPlatform(host)}) and no specific platform was requested`,
  ];
}

async function hostProcessor(): Promise<Platform> {
  if (hostPlatform.architecture === 'arm64') return { ...hostPlatform, variant: 'v8' };
  if (hostPlatform.architecture !== 'amd64') return hostPlatform;
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^flags\s*: (.*)$/m.exec(cpuinfo)?.[1]?.split(' ') ?? [];
  return { ...hostPlatform, variant: amd64Variant(new Set(flags)) };
}
