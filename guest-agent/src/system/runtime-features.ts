import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 5_000;

/** What `RUNTIME features` says (OCI runtime spec, "Features Structure"); asked once per binary. */
export class RuntimeFeatures {
  readonly #mountOptions = new Map<string, Promise<ReadonlySet<string>>>();

  /** Mount options that the runtime knows; none where it cannot tell. */
  mountOptions(binary: string): Promise<ReadonlySet<string>> {
    const known = this.#mountOptions.get(binary) ?? readMountOptions(binary);
    this.#mountOptions.set(binary, known);
    return known;
  }
}

async function readMountOptions(binary: string): Promise<ReadonlySet<string>> {
  return new Set((await featuresOf(binary))?.mountOptions ?? []);
}

/** `features` of the OCI runtime's command line; null where it has none. */
export async function featuresOf(binary: string): Promise<{ mountOptions?: string[] } | null> {
  try {
    const { stdout } = await run(binary, ['features'], { timeout: timeoutMs });
    return JSON.parse(stdout) as { mountOptions?: string[] };
  } catch {
    return null;
  }
}
