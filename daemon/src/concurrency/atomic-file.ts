import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { platform } from '../platform/platform.ts';

/**
 * Replaces a file's contents so that a reader or a crash sees the old or the new text, never a part of it.
 * The file is readable by its owner only. A failure names it and its errno.
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    await writeDurably(draft, text);
    await platform.replaceFile(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new Error(`${file} cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.sync();
}
