import { EngineError, NotFoundError, SystemError } from '../../api/index.ts';
import { errorText } from '../../errno-text.ts';

type Reason = 'missing' | 'not-a-directory' | 'loop';

const words: Record<Reason, string> = {
  missing: 'no such file or directory',
  'not-a-directory': 'not a directory',
  loop: 'too many levels of symbolic links',
};

/** A path inside a container leads nowhere. */
export class PathError extends Error {
  override readonly name = 'PathError';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(words[reason]);
    this.reason = reason;
  }
}

/** Docker's answer for a failure of a file operation: what is missing is the file that was asked for. */
export function fileError(error: unknown, about: { path: string; reference: string }): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || (error instanceof PathError && error.reason === 'missing')) {
    return new NotFoundError(`Could not find the file ${about.path} in container ${about.reference}`, { cause: error });
  }
  if (error instanceof EngineError || !(error instanceof Error)) return error as Error;
  return new SystemError(errorText(error), { cause: error });
}
