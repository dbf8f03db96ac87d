import { parseBool, parseInteger, syntaxError } from '../../api/engine/strconv.ts';
import { SystemError } from '../../api/index.ts';

const powers = 'kmgtp';

/** '10m', '1.5 GB', '20KiB' → bytes, with `base` 1000 or 1024 to the unit; errors are those of Docker's go-units. */
export function parseSizeText(text: string, base: 1000 | 1024): number {
  const match = /^(.*?)(?: ?)([^0-9. ]*)$/.exec(text);
  const number = match?.[1] ?? '';
  const suffix = (match?.[2] ?? '').toLowerCase();
  if (!/^\d*\.?\d+$|^\d+\.$/.test(number)) throw new SystemError(`invalid size: '${text}'`);
  const unit = /^(?:b|([kmgtp])(?:i?b)?)?$/.exec(suffix);
  if (!unit) throw new SystemError(`invalid suffix: '${suffix}'`);
  return Math.trunc(Number(number) * base ** (unit[1] ? powers.indexOf(unit[1]) + 1 : 0));
}

/** Go's strconv.ParseBool. */
export function parseBoolText(text: string): boolean {
  const value = parseBool(text);
  if (value === null) throw new SystemError(syntaxError('ParseBool', text));
  return value;
}

/** Go's strconv.Atoi. */
export function parseIntText(text: string): number {
  const value = parseInteger(text);
  if (value === null) throw new SystemError(syntaxError('Atoi', text));
  return value;
}
