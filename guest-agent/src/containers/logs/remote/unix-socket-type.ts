import { readFile, realpath } from 'node:fs/promises';

const types: Readonly<Record<string, 'unix' | 'unixgram'>> = { '0001': 'unix', '0002': 'unixgram' };

/** What kind of socket listens at a path; null where none does. */
export async function unixSocketType(path: string): Promise<'unix' | 'unixgram' | null> {
  const real = await realpath(path).catch(() => path);
  for (const line of (await readFile('/proc/net/unix', 'utf8')).split('\n')) {
    const fields = line.split(/\s+/);
    const bound = fields[7];
    if (bound === path || bound === real) return types[fields[4] ?? ''] ?? null;
  }
  return null;
}
