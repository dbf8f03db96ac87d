import type { z } from 'zod';

/** Something the user wrote cannot be used. The message is one line: where, which key, what was expected, what is there. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The first thing that is wrong with `value`, e.g. `settings.json: cpus: expected an integer, got "four"`. */
export function describeIssue(file: string, error: z.ZodError, value: unknown): ConfigError {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    return new ConfigError(`${file}: unknown key "${issue.keys[0]}"`);
  }
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  return new ConfigError(`${file}: ${where}expected ${issue?.message}, got ${JSON.stringify(found)}`);
}
