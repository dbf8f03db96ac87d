import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { NotImplementedError } from '../api/errors.ts';

/** CNI's plugins for the network of steps. */
const stepNetworkPrograms = ['step-network', 'loopback'];

export const hasProgram = (folder: string): Promise<boolean> =>
  findProgram(folder).then(
    () => true,
    () => false,
  );

/** Path of buildkitd. Looked for anew with every build: it may have been put there meanwhile. */
export async function findProgram(folder: string): Promise<string> {
  const program = path.join(folder, 'buildkitd');
  try {
    for (const name of ['buildkitd', ...stepNetworkPrograms]) await access(path.join(folder, name), constants.X_OK);
    return program;
  } catch (error) {
    throw new NotImplementedError(
      `building images needs BuildKit, and there is no ${(error as { path?: string }).path ?? program}; berth's scripts/setup builds it where Go 1.26 or newer is installed`,
      { cause: error },
    );
  }
}
