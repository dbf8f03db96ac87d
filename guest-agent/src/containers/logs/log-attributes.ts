import { SystemError } from '../../api/index.ts';
import type { ContainerRecord } from '../container.ts';
import { logTag } from './log-tag.ts';

/** What a line of the log tells besides its text: the labels, variables and tag that the options name, sorted. */
export function logAttributes(record: ContainerRecord, hostname: string): Record<string, string> {
  const options = record.hostConfig.LogConfig.Config ?? {};
  const chosen = new Map<string, string>();
  const choose = (all: ReadonlyMap<string, string>, names: string | undefined, pattern: string | undefined) => {
    for (const name of (names ?? '').split(',')) {
      const value = all.get(name);
      if (value !== undefined) chosen.set(name, value);
    }
    if (!pattern) return;
    const regex = compile(pattern);
    for (const [name, value] of all) if (regex.test(name)) chosen.set(name, value);
  };
  choose(new Map(Object.entries(record.config.Labels ?? {})), options['labels'], options['labels-regex']);
  choose(environment(record), options['env'], options['env-regex']);
  const tag = logTag(options['tag'] ?? '', record, hostname);
  if (tag !== '') chosen.set('tag', tag);
  return Object.fromEntries([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function environment(record: ContainerRecord): Map<string, string> {
  const entries = (record.config.Env ?? []).filter((entry) => entry.includes('='));
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new SystemError(`error parsing regexp: ${(error as Error).message}`, { cause: error });
  }
}
