import { parseBool, parseInteger, syntaxError } from '../api/engine/strconv.ts';
import { SystemError } from '../api/index.ts';

const powers = 'kmgtp';
const numberPattern = /^\d*\.?\d+$|^\d+\.$/;
const unitPattern = /^(?:b|([kmgtp])(?:i?b)?)?$/;

/** '10m', '1.5 GB', '20KiB' → bytes, with `base` 1000 or 1024 to the unit; null where it is no size. */
export function readSize(text: string, base: 1000 | 1024): number | null {
  const { number, suffix } = partsOf(text);
  const unit = unitPattern.exec(suffix);
  if (!numberPattern.test(number) || !unit) return null;
  return Math.trunc(Number(number) * base ** (unit[1] ? powers.indexOf(unit[1]) + 1 : 0));
}

/** The same; errors are those of Docker's go-units. */
export function parseSizeText(text: string, base: 1000 | 1024): number {
  const bytes = readSize(text, base);
  if (bytes !== null) return bytes;
  const { number, suffix } = partsOf(text);
  throw new SystemError(numberPattern.test(number) ? `invalid suffix: '${suffix}'` : `invalid size: '${text}'`);
}

function partsOf(text: string): { number: string; suffix: string } {
  const [, number = '', suffix = ''] = /^(.*?)(?: ?)([^0-9. ]*)$/.exec(text) ?? [];
  return { number, suffix: suffix.toLowerCase() };
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
