/**
 * Wire types described once, in the terms of Go's encoding/json, because that is what Docker's clients have learnt to
 * expect: a missing key is the zero value, null is a nil slice, map or pointer, keys match without regard to case,
 * unknown keys are passed over, and a value of the wrong type is refused with Go's own sentence.
 */
export interface Shape<T> {
  /** Go's name of the type, for error texts. */
  readonly goType: string;
  /** A struct's name, with which the path of its fields begins in error texts. */
  readonly name?: string;
  readonly zero: () => T;
  readonly decode: (value: unknown, path: string) => T;
  /** The value as Go would marshal it; undefined leaves the key out. */
  readonly encode: (value: T) => unknown;
  /** Only null is empty then: a pointer to false is not. */
  readonly isPointer?: boolean;
}

export type Decoded<S> = S extends Shape<infer T> ? T : never;

/** A value does not have the type that its place asks for; the message is Go's. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function mismatch(value: unknown, path: string, goType: string): ShapeError {
  const target = path.includes('.') ? `Go struct field ${path}` : 'Go value';
  const kind = typeof value === 'number' && goType.includes('int') ? `number ${value}` : kindOf(value);
  return new ShapeError(`json: cannot unmarshal ${kind} into ${target} of type ${goType}`);
}

function scalar<T>(goType: string, zero: T, accepts: (value: unknown) => value is T): Shape<T> {
  return {
    goType,
    zero: () => zero,
    decode: (value, path) => {
      if (value === null || value === undefined) return zero;
      if (!accepts(value)) throw mismatch(value, path, goType);
      return value;
    },
    encode: (value) => value,
  };
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const inRange =
  (low: number, high: number) =>
  (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;

export const str = scalar('string', '', isString);
export const bool = scalar('bool', false, isBoolean);
export const int = scalar('int', 0, inRange(-(2 ** 63), 2 ** 63));
export const int64 = scalar('int64', 0, inRange(-(2 ** 63), 2 ** 63));
export const uint64 = scalar('uint64', 0, inRange(0, 2 ** 64));
export const uint16 = scalar('uint16', 0, inRange(0, 2 ** 16 - 1));
export const uint = scalar('uint', 0, inRange(0, 2 ** 64));
export const float64 = scalar('float64', 0, isNumber);
/** Passed through as it came. */
export const raw: Shape<unknown> = {
  goType: 'interface {}',
  zero: () => null,
  decode: (v) => v ?? null,
  encode: (v) => v,
};

/** Go slice: null when absent or null. */
export function list<T>(element: Shape<T>): Shape<T[] | null> {
  const goType = `[]${element.goType}`;
  return {
    goType,
    zero: () => null,
    decode: (value, path) => {
      if (value === null || value === undefined) return null;
      if (!Array.isArray(value)) throw mismatch(value, path, goType);
      return value.map((item) => element.decode(item, path));
    },
    encode: (value) => value?.map((item) => element.encode(item)) ?? null,
  };
}

/** Go map with string keys: null when absent or null. */
export function map<T>(element: Shape<T>): Shape<Record<string, T> | null> {
  const goType = `map[string]${element.goType}`;
  return {
    goType,
    zero: () => null,
    decode: (value, path) => {
      if (value === null || value === undefined) return null;
      if (kindOf(value) !== 'object') throw mismatch(value, path, goType);
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, element.decode(item, path)]));
    },
    encode: (value) =>
      value &&
      Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, element.encode(value[key] as T)]),
      ),
  };
}

/** map[…]struct{}: a set whose members are the keys. */
export const set: Shape<Record<string, object> | null> = map({
  goType: 'struct {}',
  zero: () => ({}),
  decode: (value, path) => {
    if (value !== null && kindOf(value) !== 'object') throw mismatch(value, path, 'struct {}');
    return {};
  },
  encode: () => ({}),
});

/** Go pointer: null when absent or null. */
export function pointer<T>(target: Shape<T>): Shape<T | null> {
  return {
    goType: target.goType,
    zero: () => null,
    decode: (value, path) => (value === null || value === undefined ? null : target.decode(value, path)),
    encode: (value) => (value === null ? null : target.encode(value)),
    isPointer: true,
  };
}

/** Docker's StrSlice: a string is a list of one. */
export const strSlice: Shape<string[] | null> = {
  ...list(str),
  decode: (value, path) => (typeof value === 'string' ? [value] : list(str).decode(value, path)),
};

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** `json:",omitempty"`: the key is left out of answers while the value is empty. */
export function omitEmpty<T>(shape: Shape<T>): Shape<T> {
  return {
    ...shape,
    encode: (value) => {
      const encoded = shape.encode(value);
      const empty = shape.isPointer ? encoded === null : isEmpty(encoded);
      return empty ? undefined : encoded;
    },
  };
}

type FieldsOf<F> = { [K in keyof F]: F[K] extends Shape<infer T> ? T : never };

/** Go struct. `name` starts the path of its fields in error texts; keys are written in the order given. */
export function struct<F extends { [K in keyof F]: Shape<FieldsOf<F>[K]> }>(
  name: string,
  fields: F,
  goType = name,
): Shape<FieldsOf<F>> {
  const entries = Object.entries(fields as unknown as Record<string, Shape<unknown>>);
  const byLowerCase = new Map(entries.map(([key, shape]) => [key.toLowerCase(), [key, shape] as const]));
  const zero = () => Object.fromEntries(entries.map(([key, shape]) => [key, shape.zero()])) as FieldsOf<F>;
  return {
    goType,
    name,
    zero,
    decode: (value, path) => {
      if (value === null || value === undefined) return zero();
      if (kindOf(value) !== 'object') throw mismatch(value, path, goType);
      const result = zero() as Record<string, unknown>;
      for (const [given, item] of Object.entries(value)) {
        const known = byLowerCase.get(given.toLowerCase());
        if (known) result[known[0]] = known[1].decode(item, `${path}.${known[0]}`);
      }
      return result as FieldsOf<F>;
    },
    encode: (value) =>
      Object.fromEntries(entries.map(([key, shape]) => [key, shape.encode((value as Record<string, unknown>)[key])])),
  };
}
