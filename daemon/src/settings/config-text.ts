import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';
import { ConfigError } from '../config/config-error.ts';

/**
 * A file that the user edits, with a way back. While a change is on trial, the text before it is kept beside the file;
 * a daemon that finds such a text was killed on the way, and puts it back.
 */
export class ConfigText {
  readonly file: string;
  readonly #before: string;

  constructor(file: string) {
    this.file = file;
    this.#before = `${file}.before`;
  }

  /** '' when there is no file. */
  read(): Promise<string> {
    return read(this.file);
  }

  /** No way back: what is written counts. */
  async replace(text: string): Promise<void> {
    await writeFileAtomically(this.file, text);
  }

  /** From here on a crash leads back to the text that is there now. */
  async tryOut(text: string): Promise<void> {
    await writeFileAtomically(this.#before, await this.read());
    await writeFileAtomically(this.file, text);
  }

  /** The change has proved itself. */
  async keep(): Promise<void> {
    await rm(this.#before, { force: true });
  }

  /** Puts back what was there before {@link tryOut}; does nothing when nothing is on trial. True: it did. */
  async restore(): Promise<boolean> {
    const before = await readFile(this.#before, 'utf8').catch(whenMissing(null));
    if (before === null) return false;
    if (before === '') await rm(this.file, { force: true });
    else await writeFileAtomically(this.file, before);
    await this.keep();
    return true;
  }
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new ConfigError(`${file}: cannot be read (${error.code})`, { cause: error });
  });
}

function whenMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
