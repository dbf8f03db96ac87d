/** What dockerd says of a body with more behind its JSON value, without a prefix. */
export const contentAfterJson = 'unexpected content after JSON';

/**
 * Says what is wrong with malformed JSON in the words of Go's encoding/json, which Docker's clients show as they are.
 * A recogniser for RFC 8259 that stops at the first character out of place.
 */
export function describeSyntaxError(text: string): string {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return 'unexpected end of JSON input';
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}

class SyntaxProblem extends Error {}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value('looking for beginning of value');
    this.#space();
    if (this.#at < this.#text.length) throw new SyntaxProblem(contentAfterJson);
  }

  #value(where: string): void {
    this.#space();
    const next = this.#peek();
    if (next === '{') return this.#object();
    if (next === '[') return this.#array();
    if (next === '"') return this.#string();
    if (next === '-' || /\d/.test(next)) return this.#number();
    for (const literal of ['true', 'false', 'null']) if (next === literal[0]) return this.#literal(literal);
    this.#refuse(where);
  }

  #object(): void {
    this.#at++;
    this.#space();
    if (this.#peek() === '}') return this.#skip();
    for (;;) {
      this.#space();
      if (this.#peek() !== '"') this.#refuse('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#peek() !== ':') this.#refuse('after object key');
      this.#at++;
      this.#value('looking for beginning of value');
      this.#space();
      if (this.#peek() === '}') return this.#skip();
      if (this.#peek() !== ',') this.#refuse('after object key:value pair');
      this.#at++;
    }
  }

  #array(): void {
    this.#at++;
    this.#space();
    if (this.#peek() === ']') return this.#skip();
    for (;;) {
      this.#value('looking for beginning of value');
      this.#space();
      if (this.#peek() === ']') return this.#skip();
      if (this.#peek() !== ',') this.#refuse('after array element');
      this.#at++;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const next = this.#peek();
      if (next === '"') return this.#skip();
      if (next === '\\') this.#escape();
      else if (next < ' ') this.#refuse('in string');
      else this.#at++;
    }
  }

  #escape(): void {
    this.#at++;
    const kind = this.#peek();
    if (!'"\\/bfnrtu'.includes(kind)) this.#refuse('in string escape code');
    this.#at++;
    for (let i = 0; kind === 'u' && i < 4; i++, this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#refuse('in \\u hexadecimal character escape');
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++;
    if (!/\d/.test(this.#peek())) this.#refuse('in numeric literal');
    while (/[\d.eE+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #literal(literal: string): void {
    for (const [i, letter] of [...literal].entries()) {
      if (this.#peek() !== letter) this.#refuse(`in literal ${literal} (expecting '${literal[i]}')`);
      this.#at++;
    }
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #peek(): string {
    const next = this.#text[this.#at];
    if (next === undefined) throw new SyntaxProblem('unexpected EOF');
    return next;
  }

  #skip(): void {
    this.#at++;
  }

  #refuse(where: string): never {
    const character = this.#peek();
    const quoted =
      character === "'" ? `'\\''` : character === '"' ? `'"'` : `'${JSON.stringify(character).slice(1, -1)}'`;
    throw new SyntaxProblem(`invalid character ${quoted} ${where}`);
  }
}
