import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

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
  try {
    const { stdout } = await run(binary, ['features']);
    return new Set((JSON.parse(stdout) as { mountOptions?: string[] }).mountOptions ?? []);
  } catch {
    return new Set();
  }
}
