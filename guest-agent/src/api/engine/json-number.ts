/** A number whose text says more than JavaScript's own: 1e9, 1.0 and 99999999999999999999 are no integers to Go. */
export class JsonNumber {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }

  toJSON(): number {
    return this.value;
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const keepText: Reviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && String(value) !== source ? new JsonNumber(value, source) : value;

/** Go's decoder goes no deeper. */
const deepest = 10_000;
/** A reviver is called from within itself: it is not for documents that are deep. */
const deepestRevived = 500;

/** The document is nested too deeply; the message is Go's. */
export class JsonDepthError extends Error {
  override readonly name = 'JsonDepthError';

  constructor() {
    super('exceeded max depth');
  }
}

/** JSON.parse that keeps the text of numbers which it would change. */
export function parseJson(text: string): unknown {
  const depth = depthOf(text);
  if (depth > deepest) throw new JsonDepthError();
  if (depth > deepestRevived) return JSON.parse(text);
  return JSON.parse(text, keepText as (this: unknown, key: string, value: unknown) => unknown);
}

/** How deep the brackets nest, leaving strings out. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') most = Math.max(most, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return most;
}

/** The largest numbers that JavaScript has below Go's largest int64 and uint64. */
const largestInt64 = 9_223_372_036_854_774_784;
const largestUint64 = 18_446_744_073_709_549_568;

/** The integer that Go would read; null where it reads none. Beyond 2^53 it is the nearest that fits. */
export function integerWithin(value: unknown, low: bigint, high: bigint): number | null {
  const text = value instanceof JsonNumber ? value.text : String(value);
  if (typeof value !== 'number' && !(value instanceof JsonNumber)) return null;
  if (!/^-?\d+$/.test(text)) return null;
  const exact = BigInt(text);
  if (exact < low || exact > high) return null;
  return Math.min(Number(exact), high > 2n ** 63n ? largestUint64 : largestInt64);
}
