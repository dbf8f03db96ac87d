import type { OciRuntime } from '../containers/runtimes/oci-runtime.ts';
import { featuresOf } from './runtime-features.ts';

/** Runtimes of /info: how each is configured and, where its program tells, what it can do. */
export async function runtimeViews(runtimes: Readonly<Record<string, OciRuntime>>): Promise<Record<string, object>> {
  const entries = Object.entries(runtimes).map(async ([name, { view, binaryName }]) => {
    const features = binaryName === undefined ? null : await featuresOf(binaryName);
    const status = features && { status: { 'org.opencontainers.runtime-spec.features': JSON.stringify(features) } };
    return [name, { ...view, ...status }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
