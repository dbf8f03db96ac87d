import { constants } from 'node:os';
import { InvalidParameterError } from '../api/index.ts';

const numbers = constants.signals as Record<string, number>;
const realtimeMin = 34;
const realtimeMax = 64;

/** 'KILL', 'SIGKILL', 'sigkill', '9', 'RTMIN+3' → number. Throws Docker's `invalid signal: X`. */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number === 0) throw new InvalidParameterError(`invalid signal: ${text}`);
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const number = numbers[`SIG${name}`] ?? realtime(name);
  if (number === undefined) throw new InvalidParameterError(`invalid signal: ${text}`);
  return number;
}

function realtime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!match) return undefined;
  const offset = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1);
  const number = (match[1] === 'MIN' ? realtimeMin : realtimeMax) + offset;
  return number >= realtimeMin && number <= realtimeMax ? number : undefined;
}
