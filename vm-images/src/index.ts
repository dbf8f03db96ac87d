export { build, type BuildOptions, type BuildResult } from './build.ts';
export { outDir, sampleImagePath } from './layout.ts';
export type { Manifest, ManifestFile } from './manifest.ts';
export { type Architecture, architectures } from './versions.ts';
