import { InvalidParameterError } from '../api/index.ts';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** '1.5s', '-2h45m', '0' → milliseconds, with the errors of Go's time.ParseDuration. */
export function parseDurationMs(text: string): number {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  let total = 0;
  let rest = body;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(rest);
    if (!match?.[1]) throw new InvalidParameterError(`time: invalid duration ${JSON.stringify(text)}`);
    const unit = match[2] as string;
    if (unit === '') throw new InvalidParameterError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const factor = unitMs[unit];
    if (factor === undefined)
      throw new InvalidParameterError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(match[1]) * factor;
    rest = rest.slice(match[0].length);
  }
  if (body === '') throw new InvalidParameterError(`time: invalid duration ${JSON.stringify(text)}`);
  return text.startsWith('-') ? -total : total;
}
