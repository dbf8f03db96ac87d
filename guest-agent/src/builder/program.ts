import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { NotImplementedError } from '../api/errors.ts';

export const hasProgram = (folder: string): Promise<boolean> =>
  findProgram(folder).then(
    () => true,
    () => false,
  );

/** Path of buildkitd. Looked for anew with every build: it may have been put there meanwhile. */
export async function findProgram(folder: string): Promise<string> {
  const program = path.join(folder, 'buildkitd');
  try {
    await access(program, constants.X_OK);
    return program;
  } catch (error) {
    throw new NotImplementedError(
      `building images needs BuildKit, and there is no ${program}; berth's scripts/setup builds it where Go 1.26 or newer is installed`,
      { cause: error },
    );
  }
}
