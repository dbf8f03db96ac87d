import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { NotImplementedError } from '../api/errors.ts';

/** BuildKit's two programs. */
export interface BuildPrograms {
  daemon: string;
  client: string;
}

export const hasPrograms = (folder: string): Promise<boolean> =>
  findPrograms(folder).then(
    () => true,
    () => false,
  );

/** Looked for anew with every build: they may have been put there meanwhile. */
export async function findPrograms(folder: string): Promise<BuildPrograms> {
  const programs = { daemon: path.join(folder, 'buildkitd'), client: path.join(folder, 'buildctl') };
  for (const program of Object.values(programs)) {
    try {
      await access(program, constants.X_OK);
    } catch (error) {
      throw new NotImplementedError(
        `building images needs BuildKit, and there is no ${program}; berth's scripts/setup builds it for the linux driver where Go 1.26 or newer is installed`,
        { cause: error },
      );
    }
  }
  return programs;
}
