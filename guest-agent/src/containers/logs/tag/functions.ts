/** Throws an Error with Go's words about what is wrong with the arguments. */
export type TemplateFunction = (...args: unknown[]) => unknown;

/** As Go's fmt prints a value with %v. */
export function printed(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (value instanceof Map) {
    const members = [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${key}:${printed(item)}`);
    return `map[${members.join(' ')}]`;
  }
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  return String(value as string | number | boolean);
}

/** What `if`, `and`, `or` and `not` take for false: nothing, 0, and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value instanceof Map) return value.size > 0;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error(`wrong type for value; expected string; got ${goType(value)}`);
  return value;
};
const whole = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error(`wrong type for value; expected int; got ${goType(value)}`);
  return value;
};

function goType(value: unknown): string {
  if (value instanceof Map) return 'map[string]string';
  if (Array.isArray(value)) return '[]string';
  return { number: 'int', boolean: 'bool', string: 'string' }[typeof value as 'number'] ?? 'nil';
}

/** Bytes, as in Go: a character may be cut apart. */
const truncate = (source: string, length: number): string => Buffer.from(source).subarray(0, length).toString();

const pad = (source: string, before: number, after: number): string =>
  source === '' ? source : ' '.repeat(before) + source + ' '.repeat(after);

function index(value: unknown, key: unknown): unknown {
  if (value instanceof Map) return value.get(key) ?? '';
  if (!Array.isArray(value)) throw new Error(`error calling index: can't index item of type ${goType(value)}`);
  const at = whole(key);
  if (at < 0 || at >= value.length) throw new Error(`error calling index: index out of range: ${at}`);
  return value[at] as unknown;
}

function size(value: unknown): number {
  if (value instanceof Map) return value.size;
  if (Array.isArray(value)) return value.length;
  return Buffer.byteLength(text(value));
}

/** %s, %v, %d, %q and %% with widths. */
function printf(format: unknown, ...args: unknown[]): string {
  const rest = [...args];
  return text(format).replace(/%(-?)(\d*)([svdq%])/g, (...[, minus, width, verb]: string[]) => {
    if (verb === '%') return '%';
    if (rest.length === 0) return `%!${verb}(MISSING)`;
    const value = rest.shift();
    const shown = verb === 'q' ? JSON.stringify(value) : printed(value);
    return minus === '' ? shown.padStart(Number(width)) : shown.padEnd(Number(width));
  });
}

const json = (value: unknown): string =>
  JSON.stringify(value instanceof Map ? Object.fromEntries([...value].sort(([a], [b]) => (a < b ? -1 : 1))) : value);

const title = (value: string): string => value.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (found) => found.toUpperCase());

/** Docker's functions for templates, and of Go's own those that give text or truth. */
export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['json', json],
  ['split', (value, separator) => text(value).split(text(separator))],
  ['join', (values, separator) => (values as string[]).join(text(separator))],
  ['title', (value) => title(text(value))],
  ['lower', (value) => text(value).toLowerCase()],
  ['upper', (value) => text(value).toUpperCase()],
  ['pad', (value, before, after) => pad(text(value), whole(before), whole(after))],
  ['truncate', (value, length) => truncate(text(value), whole(length))],
  ['print', (...values) => values.map(printed).join('')],
  ['println', (...values) => `${values.map(printed).join(' ')}\n`],
  ['printf', printf],
  ['len', size],
  ['index', (value, ...keys) => keys.reduce(index, value)],
  ['slice', (value, from = 0, to = undefined) => (value as string).slice(whole(from), to as number | undefined)],
  ['not', (value) => !isTrue(value)],
  ['and', (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1)],
  ['or', (...values) => values.find(isTrue) ?? values.at(-1)],
  ['eq', (value, ...others) => others.includes(value)],
  ['ne', (value, other) => value !== other],
  ['lt', (value, other) => (value as number) < (other as number)],
  ['le', (value, other) => (value as number) <= (other as number)],
  ['gt', (value, other) => (value as number) > (other as number)],
  ['ge', (value, other) => (value as number) >= (other as number)],
]);
