/** More than the names that a machine's containers ask for; beyond it they are worked out again. */
const mostAnswers = 1_000;

/** Replies as they went out, for as long as nothing that names depend on has changed. */
export class AnswerCache {
  readonly #version: () => number;
  readonly #answers = new Map<string, Buffer>();
  #of = -1;

  /** `version` is another number after every change. */
  constructor(version: () => number) {
    this.#version = version;
  }

  /** With the question's own id; undefined: it has to be worked out. */
  find(query: Buffer, from: string): Buffer | undefined {
    this.#refresh();
    const found = this.#answers.get(keyOf(query, from));
    if (!found) return undefined;
    const reply = Buffer.from(found);
    query.copy(reply, 0, 0, 2);
    return reply;
  }

  keep(query: Buffer, from: string, reply: Buffer): void {
    this.#refresh();
    if (this.#answers.size < mostAnswers) this.#answers.set(keyOf(query, from), reply);
  }

  #refresh(): void {
    const version = this.#version();
    if (version === this.#of) return;
    this.#of = version;
    this.#answers.clear();
  }
}

/** Who asks, and what: everything behind the id. */
const keyOf = (query: Buffer, from: string): string => `${from} ${query.toString('latin1', 2)}`;
