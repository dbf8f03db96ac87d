/** 'name 12' lines → numbers by name. */
export function keyedNumbers(text: string): (name: string) => bigint {
  const numbers = new Map<string, bigint>();
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name && value !== undefined && /^\d+$/.test(value)) numbers.set(name, BigInt(value));
  }
  return (name) => numbers.get(name) ?? 0n;
}

/** A file with a single number; 0 for one that is missing, `max` for the word max. */
export function singleNumber(text: string, max = 0n): bigint {
  const word = text.trim();
  if (word === 'max') return max;
  return /^\d+$/.test(word) ? BigInt(word) : 0n;
}

export const unlessZero = (value: bigint): bigint | undefined => (value === 0n ? undefined : value);
