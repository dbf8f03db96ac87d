import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { ConfigError, describeIssue } from './config-error.ts';

/** Reads a JSON file that the user may have edited; a missing or empty one counts as `{}`. */
export async function readJsonFile<T>(file: string, schema: z.ZodType<T>): Promise<Readonly<T>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new ConfigError(`${file}: cannot be read (${error.code})`, { cause: error });
  });
  const value = parse(file, text.trim() === '' ? '{}' : text);
  const result = schema.safeParse(value);
  if (!result.success) throw describeIssue(file, result.error, value);
  return Object.freeze(result.data);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${file}: not valid JSON (${(cause as Error).message})`, { cause });
  }
}
