import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { NotImplementedError } from '../api/errors.ts';

/** BuildKit and what the engine has it use, in one folder (scripts/setup). */
const names = ['buildkitd', 'context-session', 'step-network', 'loopback'] as const;

export const hasPrograms = (folder: string): Promise<boolean> =>
  requirePrograms(folder).then(
    () => true,
    () => false,
  );

/** Looks anew with every build: they may have been put there meanwhile. */
export async function requirePrograms(folder: string): Promise<void> {
  for (const name of names) {
    const program = programIn(folder, name);
    await access(program, constants.X_OK).catch((cause: unknown) => {
      throw new NotImplementedError(
        `building images needs BuildKit, and there is no ${program}; berth's scripts/setup builds it where Go 1.26 or newer is installed`,
        { cause },
      );
    });
  }
}

export const programIn = (folder: string, name: (typeof names)[number]): string => path.join(folder, name);
