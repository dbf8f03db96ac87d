import { SystemError } from '../../../api/index.ts';
import { templateFunctions } from './functions.ts';
import { splitTemplate, type Part, type Token } from './tokens.ts';

export type Operand =
  | { kind: 'value'; value: unknown }
  /** '.A.B' of the data; no names at all for '.'. */
  | { kind: 'field'; names: string[]; at: number; text: string }
  | { kind: 'group'; pipeline: Pipeline; names: string[] };

/** A function with its arguments, or one operand. Later commands get the value of the one before as last argument. */
export interface Command {
  call: { name: string; at: number } | null;
  operands: Operand[];
}
export type Pipeline = Command[];

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipeline: Pipeline }
  | { kind: 'if' | 'with'; pipeline: Pipeline; then: Node[]; otherwise: Node[] };

/** The part of Go's template language that makes sense for one line: pipelines, functions, if and with. */
export function parseTemplate(name: string, template: string): Node[] {
  const parser = new Parser(name, splitTemplate(name, template));
  const { nodes, end } = parser.nodes();
  if (end !== null) throw parser.error(`unexpected {{${end}}}`);
  return nodes;
}

class Parser {
  readonly #name: string;
  readonly #parts: Part[];
  #tokens: Token[] = [];

  constructor(name: string, parts: Part[]) {
    this.#name = name;
    this.#parts = parts;
  }

  error(what: string): SystemError {
    return new SystemError(`template: ${this.#name}:1: ${what}`);
  }

  /** Up to {{end}} or {{else…}}, whose tokens are left; `end` null at the end of the template. */
  nodes(): { nodes: Node[]; end: string | null } {
    const nodes: Node[] = [];
    for (let part = this.#parts.shift(); part; part = this.#parts.shift()) {
      if ('text' in part) {
        if (part.text !== '') nodes.push({ kind: 'text', text: part.text });
        continue;
      }
      this.#tokens = part.tokens;
      const word = part.tokens[0]?.kind === 'word' ? part.tokens[0].text : '';
      if (word === 'end' || word === 'else') {
        this.#tokens.shift();
        return { nodes, end: word };
      }
      nodes.push(word === 'if' || word === 'with' ? this.#branch(word) : this.#print());
    }
    return { nodes, end: null };
  }

  #branch(kind: 'if' | 'with'): Node {
    this.#tokens.shift();
    const pipeline = this.#wholePipeline(`missing value for ${kind}`);
    const { nodes: then, end } = this.nodes();
    return { kind, pipeline, then, otherwise: this.#otherwise(end) };
  }

  #otherwise(end: string | null): Node[] {
    if (end === null) throw this.error('unexpected EOF');
    if (end === 'end') return [];
    const [next] = this.#tokens;
    if (next?.text === 'if' || next?.text === 'with') return [this.#branch(next.text)];
    const { nodes, end: last } = this.nodes();
    if (last === null) throw this.error('unexpected EOF');
    if (last === 'else') throw this.error('expected end; found {{else}}');
    return nodes;
  }

  #print(): Node {
    return { kind: 'print', pipeline: this.#wholePipeline('missing value for command') };
  }

  #wholePipeline(missing: string): Pipeline {
    if (this.#tokens.length === 0) throw this.error(missing);
    const pipeline = this.#pipeline();
    const [left] = this.#tokens;
    if (left) throw this.error(`unexpected ${JSON.stringify(left.text)} in command`);
    return pipeline;
  }

  #pipeline(): Pipeline {
    const commands: Pipeline = [this.#command()];
    while (this.#tokens[0]?.kind === '|') {
      this.#tokens.shift();
      commands.push(this.#command());
    }
    return commands;
  }

  #command(): Command {
    const [first] = this.#tokens;
    const isCall = first?.kind === 'word' && !(first.text in constants);
    if (isCall && !templateFunctions.has(first.text)) throw this.error(`function "${first.text}" not defined`);
    if (isCall) this.#tokens.shift();
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand; operand = this.#operand()) operands.push(operand);
    if (!isCall && operands.length === 0) throw this.error('missing value for command');
    return { call: isCall ? { name: first.text, at: first.at } : null, operands };
  }

  /** null where no operand stands. */
  #operand(): Operand | null {
    const [token] = this.#tokens;
    if (!token || token.kind === '|' || token.kind === ')') return null;
    this.#tokens.shift();
    if (token.kind === '(') return this.#group();
    if (token.kind === 'field') return { kind: 'field', names: namesIn(token.text), at: token.at, text: token.text };
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'value', value: unquote(token.text) };
    if (token.text in constants) return { kind: 'value', value: constants[token.text] };
    if (!templateFunctions.has(token.text)) throw this.error(`function "${token.text}" not defined`);
    return { kind: 'group', pipeline: [{ call: { name: token.text, at: token.at }, operands: [] }], names: [] };
  }

  #group(): Operand {
    const pipeline = this.#pipeline();
    if (this.#tokens.shift()?.kind !== ')') throw this.error('unclosed left paren');
    const [next] = this.#tokens;
    const names = next?.kind === 'field' && next.text !== '.' ? namesIn(next.text) : [];
    if (names.length > 0) this.#tokens.shift();
    return { kind: 'group', pipeline, names };
  }
}

const constants: Readonly<Record<string, unknown>> = { true: true, false: false, nil: null };

const namesIn = (text: string): string[] => text.split('.').filter((name) => name !== '');

const unquote = (text: string): string => (text.startsWith('`') ? text.slice(1, -1) : (JSON.parse(text) as string));
