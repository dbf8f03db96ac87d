import { parseInteger } from '../api/engine/strconv.ts';
import { SystemError } from '../api/index.ts';
import type { NetworkOptions } from './option-values.ts';

const countOption = 'com.docker.network.advertise_addr_nmsgs';
const intervalOption = 'com.docker.network.advertise_addr_ms';

/** A new endpoint's neighbours hear of its addresses unless the network's options say 0 messages. */
export const advertises = (options: NetworkOptions): boolean => options[countOption] !== '0';

/** Refuses what dockerd refuses, with its texts and its 500. */
export function refuseAdvertising(options: NetworkOptions): void {
  const problems = [
    problem(options, { name: countOption, least: 0, most: 3, kind: 'an integer' }),
    problem(options, { name: intervalOption, least: 100, most: 2000, kind: 'integer milliseconds' }),
  ].filter((text) => text !== null);
  if (problems.length > 0) throw new SystemError(problems.join('\n'));
}

function problem(
  options: NetworkOptions,
  { name, least, most, kind }: { name: string; least: number; most: number; kind: string },
): string | null {
  const text = options[name];
  if (text === undefined) return null;
  const value = parseInteger(text);
  if (value === null) return `value for option ${name} ${JSON.stringify(text)} must be ${kind}`;
  return value < least || value > most ? `${name} must be in the range ${least} to ${most}` : null;
}
