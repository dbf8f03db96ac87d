import { stat } from 'node:fs/promises';
import type { Owner } from '../userns/id-mapping.ts';
import type { HostPaths } from './host-paths.ts';
import { makeOwnedFolder } from './start-steps/owned-files.ts';

/** Finds what a container binds. */
export interface BindSources {
  /** Where the source is in this machine; null: it does not exist. Throws for what must not be mounted. */
  find(source: string, options: { create: boolean }): Promise<string | null>;
}

/** Sources that are this machine's own. */
export class MachineSources implements BindSources {
  readonly #hostPaths: HostPaths;
  readonly #owner: Owner | undefined;

  /** @param owner of folders that are made */
  constructor(hostPaths: HostPaths, owner: Owner | undefined) {
    this.#hostPaths = hostPaths;
    this.#owner = owner;
  }

  async find(source: string, { create }: { create: boolean }): Promise<string | null> {
    const path = this.#hostPaths.inMachine(source);
    try {
      await stat(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !create) return null;
      await makeOwnedFolder(path, this.#owner);
    }
    return path;
  }
}
