import { rename } from 'node:fs/promises';
import { TimeoutError, until } from '../../concurrency/until.ts';

/** Windows refuses while somebody, such as a virus scanner, has the file open; that is over in a moment. */
const passing = new Set<string | undefined>(['EPERM', 'EACCES', 'EBUSY']);
const timeoutMs = 2_000;

export async function replaceFile(from: string, to: string, move: typeof rename = rename): Promise<void> {
  let refusal: unknown;
  const attempt = async () => {
    try {
      await move(from, to);
      return true;
    } catch (error) {
      if (!passing.has((error as NodeJS.ErrnoException).code)) throw error;
      refusal = error;
      return false;
    }
  };
  try {
    await until(attempt, { timeoutMs, what: `end of other uses of ${to}` });
  } catch (error) {
    throw error instanceof TimeoutError ? refusal : error;
  }
}
