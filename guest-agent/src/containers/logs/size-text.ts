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

const truths = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const falsehoods = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** Go's strconv.ParseBool. */
export function parseBoolText(text: string): boolean {
  if (truths.includes(text)) return true;
  if (falsehoods.includes(text)) return false;
  throw new SystemError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Go's strconv.Atoi. */
export function parseIntText(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new SystemError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
