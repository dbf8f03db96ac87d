import { build, type BuildOptions } from './build.ts';
import { imageFiles } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** Builds once more from the same inputs; throws naming every file whose bytes differ. */
export async function verify(options: BuildOptions): Promise<void> {
  const first = (await build({ ...options, force: false })).manifest;
  const second = (await build({ ...options, force: true, refresh: false })).manifest;
  const differing = differingFiles(first, second);
  if (differing.length > 0) throw new Error(`not reproducible: ${differing.join(', ')} differ between two builds`);
}

/** But the agent's disk, which holds what V8 kept of a real start: that is never the same twice. */
export function differingFiles(first: Manifest, second: Manifest): string[] {
  const digests = new Map(Object.values(first.files).map((file) => [file.name, file.digest]));
  return Object.values(second.files)
    .filter(({ name, digest }) => name !== imageFiles.agent && digests.get(name) !== digest)
    .map((file) => file.name);
}
