import type { z } from 'zod';

/** Something the user wrote cannot be used. The message is one line: where, which key, what was expected, what is there. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The first thing that is wrong with `value`, e.g. `settings.json: cpus: expected an integer, got "four"`. */
export function describeIssue(file: string, error: z.ZodError, value: unknown): ConfigError {
  return new ConfigError(`${file}: ${issuesOf(error, value)[0]?.message ?? 'cannot be used'}`);
}

export interface Issue {
  /** Where it is in the value. */
  path: readonly PropertyKey[];
  /** One line, e.g. `cpus: expected an integer, got "four"`. */
  message: string;
}

/** Everything that is wrong with `value`. */
export function issuesOf(error: z.ZodError, value: unknown): Issue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"` }));
    }
    const { path } = issue;
    const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
    const where = path.length === 0 ? '' : `${path.join('.')}: `;
    return [{ path, message: `${where}expected ${issue.message}, got ${JSON.stringify(found)}` }];
  });
}
