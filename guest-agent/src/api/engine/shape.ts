import { integerWithin, JsonNumber } from './json-number.ts';

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
  /** Where it is in the document. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

function kindOf(value: unknown): string {
  if (value instanceof JsonNumber) return 'number';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

/** Go's decoder names a struct's field, but not the element of a list. */
function mismatch(value: unknown, path: string, goType: string): ShapeError {
  const target = !path.includes('.') ? 'Go value' : /\.\d+$/.test(path) ? path : `Go struct field ${path}`;
  const isNumber = typeof value === 'number' || value instanceof JsonNumber;
  const kind = isNumber && /^u?int/.test(goType) ? `number ${textOf(value)}` : kindOf(value);
  return new ShapeError(`json: cannot unmarshal ${kind} into ${target} of type ${goType}`, path);
}

const textOf = (value: number | JsonNumber): string => (value instanceof JsonNumber ? value.text : String(value));

/** A key inside a path, as JSON pointers (RFC 6901) write it. */
const pathPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function scalar<T>(goType: string, zero: T, read: (value: unknown) => T | null): Shape<T> {
  return {
    goType,
    zero: () => zero,
    decode: (value, path) => {
      if (value === null || value === undefined) return zero;
      const result = read(value);
      if (result === null) throw mismatch(value, path, goType);
      return result;
    },
    encode: (value) => value,
  };
}

const integer = (goType: string, low: bigint, high: bigint) =>
  scalar<number>(goType, 0, (value) => integerWithin(value, low, high));

export const str = scalar<string>('string', '', (value) => (typeof value === 'string' ? value : null));
export const bool = scalar<boolean>('bool', false, (value) => (typeof value === 'boolean' ? value : null));
const [lowest, highest, highestUnsigned] = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n];
export const int = integer('int', lowest, highest);
export const int64 = integer('int64', lowest, highest);
export const uint64 = integer('uint64', 0n, highestUnsigned);
export const uint32 = integer('uint32', 0n, 2n ** 32n - 1n);
export const uint16 = integer('uint16', 0n, 2n ** 16n - 1n);
export const uint = integer('uint', 0n, highestUnsigned);
export const float64 = scalar<number>('float64', 0, (value) =>
  value instanceof JsonNumber ? value.value : typeof value === 'number' ? value : null,
);

/** The same under a name of Go's own, for error texts. */
export function named<T>(goType: string, shape: Shape<T>): Shape<T> {
  const rename = (error: unknown, path: string): unknown =>
    error instanceof ShapeError && error.path === path
      ? new ShapeError(error.message.replace(/ of type .*$/, ` of type ${goType}`), path)
      : error;
  return {
    ...shape,
    goType,
    decode: (value, path) => {
      try {
        return shape.decode(value, path);
      } catch (error) {
        throw rename(error, path);
      }
    },
  };
}

/** Passed through as it came. */
export const raw: Shape<unknown> = {
  goType: 'interface {}',
  zero: () => null,
  decode: (v) => (v === undefined || v === null ? null : (JSON.parse(JSON.stringify(v)) as unknown)),
  encode: (v) => v,
};

const elementType = ({ goType, isPointer }: Pick<Shape<unknown>, 'goType' | 'isPointer'>): string =>
  isPointer ? `*${goType}` : goType;

/** Go array: what is missing is zero, what is too much is dropped; null when it is not given at all. */
export function array<T>(length: number, element: Shape<T>): Shape<T[] | null> {
  const elements = list(element);
  const goType = `[${length}]${element.goType}`;
  return named(goType, {
    ...elements,
    decode: (value, path) => {
      const items = elements.decode(value, path);
      return items && Array.from({ length }, (_, index) => items[index] ?? element.zero());
    },
  });
}

/** Go slice: null when absent or null. */
export function list<T>(element: Shape<T>): Shape<T[] | null> {
  const goType = `[]${elementType(element)}`;
  return {
    goType,
    zero: () => null,
    decode: (value, path) => {
      if (value === null || value === undefined) return null;
      if (!Array.isArray(value)) throw mismatch(value, path, goType);
      return value.map((item, index) => element.decode(item, `${path}.${index}`));
    },
    encode: (value) => value?.map((item) => element.encode(item)) ?? null,
  };
}

/** Go map with string keys: null when absent or null. */
export function map<T>(element: Shape<T>): Shape<Record<string, T> | null> {
  const goType = `map[string]${elementType(element)}`;
  return {
    goType,
    zero: () => null,
    decode: (value, path) => {
      if (value === null || value === undefined) return null;
      if (kindOf(value) !== 'object') throw mismatch(value, path, goType);
      const decoded = Object.entries(value).map(([key, item]) => [
        key,
        element.decode(item, `${path}.${pathPart(key)}`),
      ]);
      return Object.fromEntries(decoded) as Record<string, T>;
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

/** Pointers inside a list, of which null would be none: it is the zero value instead. */
export const reference = <T>(target: Shape<T>): Shape<T> => ({ ...target, isPointer: true });

/** Docker's StrSlice: a string is a list of one. It decodes itself, so that its errors know no place. */
export const strSlice: Shape<string[] | null> = {
  ...list(str),
  goType: 'strslice.StrSlice',
  decode: (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string') return [value];
    const isList = Array.isArray(value) && value.every((item) => item === null || typeof item === 'string');
    if (!isList) throw mismatch(value, '', 'string');
    return (value as Array<string | null>).map((item) => item ?? '');
  },
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
