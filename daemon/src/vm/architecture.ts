/** Processors that guests exist for, by the names of Debian and Go. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** By process.arch. */
const known: Readonly<Record<string, Architecture>> = { x64: 'amd64', arm64: 'arm64' };

/** null: there is no guest that a processor of this kind runs by itself. */
export function architectureOf(processArch: string): Architecture | null {
  return known[processArch] ?? null;
}
