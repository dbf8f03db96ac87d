import { SystemError } from '../../api/index.ts';
import type { LogInfo } from './log-info.ts';
import { logTag } from './tag/log-tag.ts';

/** The labels and variables that the options name. `rename` gives each its name in the log. */
export function extraAttributes(
  { options, labels, env }: LogInfo,
  rename: (name: string) => string = (name) => name,
): Map<string, string> {
  const chosen = new Map<string, string>();
  const choose = (all: ReadonlyMap<string, string>, names: string | undefined, pattern: string | undefined) => {
    for (const name of (names ?? '').split(',')) {
      const value = all.get(name);
      if (value !== undefined) chosen.set(rename(name), value);
    }
    if (!pattern) return;
    const regex = compile(pattern);
    for (const [name, value] of all) if (regex.test(name)) chosen.set(rename(name), value);
  };
  choose(labels, options['labels'], options['labels-regex']);
  choose(env, options['env'], options['env-regex']);
  return chosen;
}

/** What a line of a log file tells besides its text: the labels, variables and tag that the options name, sorted. */
export function logAttributes(info: LogInfo): Record<string, string> {
  const chosen = extraAttributes(info);
  const tag = logTag(info, '');
  if (tag !== '') chosen.set('tag', tag);
  return Object.fromEntries([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new SystemError(`error parsing regexp: ${(error as Error).message}`, { cause: error });
  }
}
