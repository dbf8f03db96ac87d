import { InvalidParameterError } from '../errors.ts';

/** The `filters` parameter of list and prune calls: values by name, each of them once. */
export class Filters {
  readonly #fields: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(fields: Iterable<readonly [string, Iterable<string>]> = []) {
    this.#fields = new Map([...fields].map(([name, values]) => [name, new Set(values)]));
  }

  get(name: string): string[] {
    return [...(this.#fields.get(name) ?? [])];
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** The same with one more value. */
  with(name: string, value: string): Filters {
    return new Filters([...this.#fields, [name, [...this.get(name), value]]]);
  }

  /** The same without any value for `name`. */
  without(name: string): Filters {
    return new Filters([...this.#fields].filter(([field]) => field !== name));
  }

  /** Refuses every name that is not among `accepted`, with Docker's text. */
  validate(accepted: readonly string[]): void {
    for (const name of this.#fields.keys()) {
      if (!accepted.includes(name)) throw new InvalidParameterError(`invalid filter '${name}'`);
    }
  }

  flag(name: string, absent: boolean): boolean {
    const values = this.#fields.get(name);
    if (!values) return absent;
    if (values.size === 0) throw new InvalidParameterError(`invalid filter '${name}'`);
    const isFalse = values.has('0') || values.has('false');
    const isTrue = values.has('1') || values.has('true');
    if (isFalse === isTrue) throw new InvalidParameterError(`invalid filter '${name}=[${[...values].join(' ')}]'`);
    return isTrue;
  }

  /** True when every `key` or `key=value` of the filter is among `labels`. */
  matchLabels(name: string, labels: Readonly<Record<string, string>>): boolean {
    return this.get(name).every((wanted) => hasLabel(labels, wanted));
  }
}

/** `wanted` is `key` or `key=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, wanted);
  const key = wanted.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === wanted.slice(equals + 1);
}

/** `{"name":["value"]}`, or the older `{"name":{"value":true}}`; '' is no filter. */
export function parseFilters(json: string): Filters {
  if (json === '') return new Filters();
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new InvalidParameterError('invalid filter', { cause: error });
  }
  if (parsed === null) return new Filters();
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new InvalidParameterError('invalid filter');
  return new Filters(Object.entries(parsed).map(([name, values]) => [name, valuesOf(values)] as const));
}

function valuesOf(values: unknown): string[] {
  if (values === null) return [];
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values;
  if (typeof values === 'object' && Object.values(values).every((value) => typeof value === 'boolean')) {
    return Object.entries(values).flatMap(([value, wanted]) => (wanted ? [value] : []));
  }
  throw new InvalidParameterError('invalid filter');
}
