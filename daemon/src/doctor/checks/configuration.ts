import { type Finding, ok, problem } from '../finding.ts';

/** What is wrong with each of the files that the user edits; empty when they are valid. */
export interface ConfigurationFact {
  problems: readonly string[];
}

export function checkConfiguration({ problems }: ConfigurationFact): Finding {
  if (problems.length === 0) return ok('settings.json and daemon.json are valid');
  return problem(problems.join('; '), 'correct what is named, or remove the key');
}
