import { build, type BuildOptions } from './build.ts';
import type { Manifest } from './manifest.ts';

/** Builds once more from the same inputs; throws naming every file whose bytes differ. */
export async function verify(options: BuildOptions): Promise<void> {
  const first = (await build({ ...options, force: false })).manifest;
  const second = (await build({ ...options, force: true, refresh: false })).manifest;
  const differing = differingFiles(first, second);
  if (differing.length > 0) throw new Error(`not reproducible: ${differing.join(', ')} differ between two builds`);
}

export function differingFiles(first: Manifest, second: Manifest): string[] {
  const digests = new Map(Object.values(first.files).map((file) => [file.name, file.digest]));
  return Object.values(second.files)
    .filter((file) => digests.get(file.name) !== file.digest)
    .map((file) => file.name);
}
