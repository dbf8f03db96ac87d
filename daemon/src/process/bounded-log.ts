import { open, rename, stat, truncate, writeFile } from 'node:fs/promises';

/** The last `lines` lines of a text file, reading at most its last 256 KiB; '' if there is none. */
export async function tailOf(file: string, lines: number): Promise<string> {
  const text = await readEnd(file, 256 * 1024);
  return lines === 0 ? '' : text.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * Keeps a log that a running process appends to (O_APPEND) below `maxBytes`: its last quarter is kept as `file.1`
 * and the file starts again. What is written between the copy and the cut is lost, like with logrotate's copytruncate.
 */
export async function trimLog(file: string, maxBytes: number): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= maxBytes) return;
  await writeFile(`${file}.1`, await readEnd(file, Math.floor(maxBytes / 4)), { mode: 0o600 });
  await truncate(file, 0);
}

/** Begins a log anew, for its owner only; what an earlier run wrote is `file.1`. */
export async function renewLog(file: string): Promise<void> {
  await rename(file, `${file}.1`).catch(() => undefined);
  await writeFile(file, '', { mode: 0o600 });
}

async function readEnd(file: string, maxBytes: number): Promise<string> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
