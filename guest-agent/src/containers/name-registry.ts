import { randomInt } from 'node:crypto';
import { ConflictError, InvalidParameterError } from '../api/index.ts';
import { adjectives, nouns } from './name-words.ts';

const allowed = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Names are unique; one is taken before its container exists and given back if that fails. */
export class NameRegistry {
  readonly #byName = new Map<string, string>();
  #version = 0;

  /** Another number after every change; a rename's last one comes when it is over. */
  get version(): number {
    return this.#version;
  }

  /** `name` may begin with a slash; '' chooses a free one. Answers the name without the slash. */
  reserve(name: string, containerId: string): string {
    const chosen = name === '' ? this.#random() : checkName(name);
    const holder = this.#byName.get(chosen);
    if (holder !== undefined) {
      throw new ConflictError(
        `Conflict. The container name "/${chosen}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    this.#byName.set(chosen, containerId);
    this.#version++;
    return chosen;
  }

  release(name: string): void {
    this.#byName.delete(name);
    this.#version++;
  }

  /** Ids of all containers that exist or are being made. */
  holders(): Set<string> {
    return new Set(this.#byName.values());
  }

  idOf(name: string): string | undefined {
    return this.#byName.get(name);
  }

  #random(): string {
    for (let attempt = 0; ; attempt++) {
      const words = `${pick(adjectives)}_${pick(nouns)}`;
      const name = attempt < 6 ? words : `${words}${randomInt(10 ** Math.min(attempt, 9))}`;
      if (!this.#byName.has(name)) return name;
    }
  }
}

const pick = (words: readonly string[]): string => words[randomInt(words.length)] as string;

function checkName(name: string): string {
  const bare = name.replace(/^\//, '');
  if (!allowed.test(bare)) {
    throw new InvalidParameterError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  return bare;
}
