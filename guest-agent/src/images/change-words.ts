import { InvalidParameterError } from '../api/errors.ts';

/** Values of variables, by name. */
export type Variables = ReadonlyMap<string, string>;

/** `NAME=value` entries as variables. */
export const variablesOf = (entries: readonly string[] | null | undefined): Variables =>
  new Map((entries ?? []).map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]));

/**
 * Words as a Dockerfile has them: quotes keep blanks together, a backslash the next character, and variables are
 * filled in, but not between single quotes.
 */
export function splitWords(text: string, variables: Variables): string[] {
  return new Splitter(text, variables, /\s/).words();
}

/** All of the text as one word. */
export function oneWord(text: string, variables: Variables): string {
  return new Splitter(text, variables, null).words()[0] ?? '';
}

class Splitter {
  readonly #text: string;
  readonly #variables: Variables;
  readonly #blank: RegExp | null;
  #at = 0;

  constructor(text: string, variables: Variables, blank: RegExp | null) {
    this.#text = text;
    this.#variables = variables;
    this.#blank = blank;
  }

  words(): string[] {
    const words: string[] = [];
    let word: string | undefined;
    let quote = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string;
      if (quote === '' && this.#blank?.test(character)) {
        if (word !== undefined) words.push(word);
        word = undefined;
        continue;
      }
      word ??= '';
      if (character === '\\' && quote !== "'" && this.#at + 1 < this.#text.length) word += this.#text[++this.#at];
      else if (character === '$' && quote !== "'") word += this.#variable();
      else if (character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else word += character;
    }
    return word === undefined ? words : [...words, word];
  }

  /** Leaves off at its last character. */
  #variable(): string {
    const rest = this.#text.slice(this.#at + 1);
    const [, name] = /^([A-Za-z_]\w*)/.exec(rest) ?? [];
    if (name !== undefined) {
      this.#at += name.length;
      return this.#variables.get(name) ?? '';
    }
    if (!rest.startsWith('{')) return '$';
    const end = closingBrace(rest);
    this.#at += end + 1;
    return this.#substitution(rest.slice(1, end));
  }

  /** What is between the braces: `NAME`, or with `-`, `+` or `?` what stands for it, that with `:` where it is empty, too. */
  #substitution(inside: string): string {
    const [, name, colon, modifier, word = ''] = /^([A-Za-z_]\w*)(?:(:?)([-+?])(.*))?$/s.exec(inside) ?? [];
    if (name === undefined) throw new InvalidParameterError(`failed to process "\${${inside}}": bad substitution`);
    const value = this.#variables.get(name);
    const isSet = value !== undefined && !(colon === ':' && value === '');
    if (modifier === '+') return isSet ? oneWord(word, this.#variables) : '';
    if (isSet || modifier === undefined) return value ?? '';
    if (modifier === '-') return oneWord(word, this.#variables);
    throw new InvalidParameterError(`${name}: ${oneWord(word, this.#variables) || 'not allowed to be unset'}`);
  }
}

function closingBrace(text: string): number {
  for (let at = 0, depth = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw new InvalidParameterError(`failed to process ${JSON.stringify(`$${text}`)}: missing '}'`);
}
