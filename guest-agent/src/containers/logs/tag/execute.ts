import { SystemError } from '../../../api/index.ts';
import { isTrue, printed, templateFunctions } from './functions.ts';
import type { Command, Node, Operand, Pipeline } from './parse.ts';

export interface TemplateData {
  /** The template's name, for error texts. */
  name: string;
  /** What '.' holds. */
  fields: ReadonlyMap<string, unknown>;
}

/** Go's errors at execution are SystemErrors with its words. */
export function executeTemplate(nodes: readonly Node[], data: TemplateData): string {
  return new Execution(data).run(nodes, data.fields);
}

class Execution {
  readonly #data: TemplateData;

  constructor(data: TemplateData) {
    this.#data = data;
  }

  run(nodes: readonly Node[], dot: unknown): string {
    return nodes.map((node) => this.#node(node, dot)).join('');
  }

  #node(node: Node, dot: unknown): string {
    if (node.kind === 'text') return node.text;
    const value = this.#pipeline(node.pipeline, dot);
    if (node.kind === 'print') return printed(value);
    if (!isTrue(value)) return this.run(node.otherwise, dot);
    return this.run(node.then, node.kind === 'with' ? value : dot);
  }

  #pipeline(pipeline: Pipeline, dot: unknown): unknown {
    let piped: unknown[] = [];
    for (const command of pipeline) piped = [this.#command(command, dot, piped)];
    return piped[0];
  }

  #command({ call, operands }: Command, dot: unknown, piped: unknown[]): unknown {
    const values = operands.map((operand) => this.#operand(operand, dot));
    // A method such as .ExtraAttributes takes an argument, which changes nothing here.
    if (call === null) return values[0];
    try {
      return templateFunctions.get(call.name)?.(...values, ...piped);
    } catch (error) {
      throw this.#error(call.at, `<${call.name}>: ${(error as Error).message}`, error);
    }
  }

  #operand(operand: Operand, dot: unknown): unknown {
    if (operand.kind === 'value') return operand.value;
    if (operand.kind === 'group') return this.#members(this.#pipeline(operand.pipeline, dot), operand);
    return this.#members(dot, operand);
  }

  /** A map lacks nothing: what is not in it prints as nothing. The container's own fields are known. */
  #members(value: unknown, { names, ...operand }: Exclude<Operand, { kind: 'value' }>): unknown {
    let found = value;
    for (const name of names) {
      const isInfo = found === this.#data.fields;
      const has = found instanceof Map && (found.has(name) || !isInfo);
      if (!has) {
        const [at, text] = operand.kind === 'field' ? [operand.at, operand.text] : [0, `.${name}`];
        const type = isInfo ? '*logger.Info' : 'string';
        throw this.#error(at, `<${text}>: can't evaluate field ${name} in type ${type}`);
      }
      found = (found as Map<string, unknown>).get(name) ?? '';
    }
    return found;
  }

  #error(at: number, what: string, cause?: unknown): SystemError {
    const { name } = this.#data;
    return new SystemError(`template: ${name}:1:${at}: executing "${name}" at ${what}`, { cause });
  }
}
