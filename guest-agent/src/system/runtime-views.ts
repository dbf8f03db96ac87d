import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { OciRuntime } from '../containers/runtimes/oci-runtime.ts';

const run = promisify(execFile);

/** Runtimes of /info: how each is configured and, where its program tells, what it can do. */
export async function runtimeViews(runtimes: Readonly<Record<string, OciRuntime>>): Promise<Record<string, object>> {
  const entries = Object.entries(runtimes).map(async ([name, { view, binaryName }]) => {
    const features = binaryName === undefined ? null : await featuresOf(binaryName);
    const status = features && { status: { 'org.opencontainers.runtime-spec.features': features } };
    return [name, { ...view, ...status }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** `features` of the OCI runtime's command line; null where it has none. */
async function featuresOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await run(program, ['features'], { timeout: 5_000 });
    return JSON.stringify(JSON.parse(stdout));
  } catch {
    return null;
  }
}
