import { InvalidParameterError } from '../../api/index.ts';

/** Watches typed input for the detach sequence; keys that turn out not to begin it are passed on. */
export class DetachKeys {
  readonly #sequence: Buffer;
  #matched = 0;

  constructor(sequence: Buffer) {
    this.#sequence = sequence;
  }

  push(chunk: Buffer): { input: Buffer; detached: boolean } {
    const input: number[] = [];
    for (const byte of chunk) {
      if (byte === this.#sequence[this.#matched]) {
        if (++this.#matched === this.#sequence.length) return { input: Buffer.from(input), detached: true };
        continue;
      }
      input.push(...this.#sequence.subarray(0, this.#matched));
      this.#matched = byte === this.#sequence[0] ? 1 : 0;
      if (this.#matched === 0) input.push(byte);
    }
    return { input: Buffer.from(input), detached: false };
  }
}

/** 'ctrl-p,ctrl-q', 'a', 'ctrl-@' → bytes; null for ''. Throws on anything else. */
export function parseDetachKeys(text: string): Buffer | null {
  if (text === '') return null;
  return Buffer.from(text.split(',').map(parseKey));
}

function parseKey(key: string): number {
  if ([...key].length === 1) return key.charCodeAt(0);
  const match = /^ctrl-([a-z@[\\\]^_])$/.exec(key);
  if (!match?.[1]) throw new InvalidParameterError(`Invalid detach keys (${key}) provided`);
  return match[1].toUpperCase().charCodeAt(0) & 0x1f;
}
