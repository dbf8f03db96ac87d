import { parseBool, parseInteger, syntaxError } from '../api/engine/strconv.ts';
import { InvalidParameterError } from '../api/index.ts';
import { familyOf } from './cidr.ts';

export type NetworkOptions = Readonly<Record<string, string>>;

/** Driver options of a network; a value that is none is refused in dockerd's words. */
export class OptionValues {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  text(name: string, absent: string): string {
    return this.#options[name] ?? absent;
  }

  flag(name: string, absent: boolean): boolean {
    return this.parsed(name, absent, parseBool, (text) => syntaxError('ParseBool', text));
  }

  integer(name: string, absent: number): number {
    return this.parsed(name, absent, parseInteger, (text) => syntaxError('Atoi', text));
  }

  /** An IP address; '' where it is not given. */
  address(name: string): string {
    return this.parsed(
      name,
      '',
      (text) => (familyOf(text) === null ? null : text),
      () => 'nil ip',
    );
  }

  /** `parse` answers null for what is no value, and `problem` says why. */
  parsed<T>(name: string, absent: T, ...[parse, problem]: Reading<T>): T {
    const text = this.#options[name];
    if (text === undefined) return absent;
    const value = parse(text);
    if (value !== null) return value;
    throw new InvalidParameterError(`failed to parse ${name} value: ${text} (${problem(text)})`);
  }
}

type Reading<T> = [parse: (text: string) => T | null, problem: (text: string) => string];
