export interface Line {
  /** Counts from 0 and never starts again: tells a line from another with the same text. */
  number: number;
  text: string;
  /** 'stdout', 'stderr' or the name of a log. */
  source: string;
}

/** A line longer than this goes on in the next one, so that no output can make a page hold or draw one without end. */
const maxLineLength = 4000;
/** CSI and OSC sequences, other escapes, and control characters but the tab. */
const unprintable = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The last lines of an output, whatever its length. */
export class LineBuffer {
  readonly #limit: number;
  #lines: Line[] = [];
  #next = 0;
  /** What has no end yet, by its source. */
  readonly #open = new Map<string, string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** How many have come in all; the ones no longer there count, too. */
  get total(): number {
    return this.#next;
  }

  /** A piece that may begin and end anywhere. */
  append(source: string, text: string): void {
    const parts = ((this.#open.get(source) ?? '') + text).split('\n');
    const rest = parts.pop() ?? '';
    // A burst of which only the end can be kept costs no more than that.
    if (parts.length > this.#limit) this.#next += parts.splice(0, parts.length - this.#limit).length;
    for (const part of parts) this.#add(source, part);
    this.#open.set(source, rest.length > maxLineLength ? this.#addPieces(source, rest) : rest);
    if (this.#lines.length > this.#limit) this.#lines = this.#lines.slice(-this.#limit);
  }

  /** What has no end yet becomes a line: nothing more will come. */
  flush(): void {
    for (const [source, text] of this.#open) if (text !== '') this.#add(source, text);
    this.#open.clear();
  }

  clear(): void {
    this.#lines = [];
  }

  #add(source: string, text: string): void {
    const rest = this.#addPieces(source, text);
    this.#push(source, rest);
  }

  /** Adds as many whole pieces as there are; what remains is shorter than one. */
  #addPieces(source: string, text: string): string {
    let rest = text;
    for (; rest.length > maxLineLength; rest = rest.slice(maxLineLength)) {
      this.#push(source, rest.slice(0, maxLineLength));
    }
    return rest;
  }

  #push(source: string, text: string): void {
    this.#lines.push({ number: this.#next++, text: text.replaceAll(unprintable, ''), source });
  }
}
