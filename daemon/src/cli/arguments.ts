import { InvalidArgumentError } from 'commander';

const mebibytes = { m: 1, g: 1024, t: 1024 * 1024 };

/** '4GiB', '4g', '512M' or a bare number, in whole units of `unit`; units count in powers of 1024. */
export function parseSize(text: string, unit: 'MiB' | 'GiB'): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([mgt])(?:i?b)?)?$/i.exec(text.trim());
  if (!match) throw new InvalidArgumentError(`expected a size like 4GiB, got '${text}'.`);
  const base = unit === 'MiB' ? 'm' : 'g';
  const given = (match[2]?.toLowerCase() ?? base) as keyof typeof mebibytes;
  const size = (Number(match[1]) * mebibytes[given]) / mebibytes[base];
  if (!Number.isInteger(size)) throw new InvalidArgumentError(`expected whole ${unit}, got '${text}'.`);
  return size;
}

/** A whole number, zero included. */
export function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got '${text}'.`);
  return Number(text);
}
