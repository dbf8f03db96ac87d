import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A browser that was let in. */
interface Session {
  /** What its cookie has to hold. */
  secret: string;
}

export interface Admission {
  /** Part of the path under which everything is for this browser. */
  id: string;
  secret: string;
}

/** A link has to be opened within this time, and opens once. */
export const linkLifetimeMs = 60_000;
const maxSessions = 64;

/**
 * Links that open once, and the browsers that opened one.
 *
 * Cookies do not know ports: a server on another port of 127.0.0.1, say a container's, is sent every cookie of that
 * address. So a session's cookie is bound to a path that nobody else can guess.
 */
export class DashboardSessions {
  readonly #now: () => number;
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A token for one link. */
  issue(): string {
    for (const [token, expiresAt] of this.#links) if (expiresAt <= this.#now()) this.#links.delete(token);
    const token = secretText();
    this.#links.set(token, this.#now() + linkLifetimeMs);
    return token;
  }

  /** Takes a token; null: it is unknown, used up or too old. */
  admit(token: string): Admission | null {
    const expiresAt = this.#links.get(token);
    this.#links.delete(token);
    if (expiresAt === undefined || expiresAt <= this.#now()) return null;
    const admission = { id: secretText(), secret: secretText() };
    this.#sessions.set(admission.id, { secret: admission.secret });
    // The oldest give way.
    for (const id of this.#sessions.keys()) if (this.#sessions.size > maxSessions) this.#sessions.delete(id);
    return admission;
  }

  isOpen(id: string, secret: string): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && sameText(session.secret, secret);
  }
}

function secretText(): string {
  return randomBytes(32).toString('base64url');
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
