import { SystemError } from '../../api/errors.ts';
import type { Challenge } from './challenge.ts';
import { loginOf, type RegistryCredentials } from './credentials.ts';
import type { RegistryHost } from './hosts.ts';
import { AccessDeniedError, NoCredentialsError } from './registry-errors.ts';
import { readText } from './read-text.ts';
import type { RegistryTransport } from './transport.ts';

export interface AuthorizerOptions {
  transport: RegistryTransport;
  credentials: RegistryCredentials | undefined;
  /** Sent to token servers that ask who wants to know. */
  clientId: string;
  /** Whose challenges are met here. */
  registry: RegistryHost;
  /** How token servers are to be spoken to. */
  hostOf: (domain: string) => Promise<RegistryHost>;
}

interface TokenAnswer {
  token?: string;
  access_token?: string;
  refresh_token?: string;
}

/** Answers a registry's challenges for one user: Basic, or a token of the server that the registry names. */
export class Authorizer {
  readonly #transport: RegistryTransport;
  readonly #credentials: RegistryCredentials;
  readonly #clientId: string;
  readonly #registry: RegistryHost;
  readonly #hostOf: AuthorizerOptions['hostOf'];
  /** `Authorization` by scope, once it is known. */
  readonly #headers = new Map<string, string>();

  constructor({ transport, credentials, clientId, registry, hostOf }: AuthorizerOptions) {
    this.#transport = transport;
    this.#credentials = credentials ?? {};
    this.#clientId = clientId;
    this.#registry = registry;
    this.#hostOf = hostOf;
  }

  /** Value of `Authorization` for a scope; undefined until a challenge was met. */
  headerFor(scope: string): string | undefined {
    if (this.#credentials.registrytoken) return `Bearer ${this.#credentials.registrytoken}`;
    return this.#headers.get(scope);
  }

  /** Gets what the challenge asks for. AccessDeniedError when that cannot be had. */
  async meet(challenge: Challenge, scope: string, signal?: AbortSignal): Promise<void> {
    if (challenge.scheme === 'basic') return this.#useLogin(scope);
    const { token } = await this.requestToken(challenge, scope, signal);
    this.#headers.set(scope, `Bearer ${token}`);
  }

  /** A token for `scope`, and the refresh token if the server gave one. */
  async requestToken(
    challenge: Challenge,
    scope: string,
    signal?: AbortSignal,
  ): Promise<{ token: string; refreshToken: string }> {
    const realm = realmOf(challenge);
    const host = { ...(await this.#hostOf(realm.host)), trusts: this.#registry.host };
    const response = await this.#transport.send(host, { ...this.#tokenRequest(realm, { challenge, scope }), signal });
    const text = await readText(response.body);
    if (response.status === 401 || response.status === 403)
      throw new AccessDeniedError(deniedText(response.status, text));
    if (response.status >= 400) {
      throw new SystemError(
        `failed to authorize: failed to fetch token: unexpected status from ${realm.href}: ${response.status}`,
      );
    }
    const answer = parseAnswer(text);
    const token = answer.token ?? answer.access_token;
    if (!token) throw new SystemError('failed to authorize: no access token in the response');
    return { token, refreshToken: answer.refresh_token ?? '' };
  }

  #useLogin(scope: string): void {
    const login = loginOf(this.#credentials);
    if (!login) throw new NoCredentialsError('no basic auth credentials');
    this.#headers.set(scope, basic(login));
  }

  #tokenRequest(realm: URL, { challenge, scope }: { challenge: Challenge; scope: string }) {
    const { identitytoken } = this.#credentials;
    const { service } = challenge;
    if (identitytoken) {
      const form = {
        grant_type: 'refresh_token',
        refresh_token: identitytoken,
        service,
        scope,
        client_id: this.#clientId,
      };
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      return { method: 'POST' as const, url: realm, headers, body: new URLSearchParams(form).toString() };
    }
    const login = loginOf(this.#credentials);
    const url = new URL(realm);
    if (service) url.searchParams.set('service', service);
    if (scope) url.searchParams.set('scope', scope);
    if (login) url.searchParams.set('account', login.user);
    return { method: 'GET' as const, url, headers: login ? { Authorization: basic(login) } : undefined };
  }
}

const basic = ({ user, password }: { user: string; password: string }): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function realmOf({ realm }: Challenge): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new SystemError(`failed to authorize: invalid token auth challenge realm: ${JSON.stringify(realm)}`);
  }
  return url;
}

function parseAnswer(text: string): TokenAnswer {
  try {
    return JSON.parse(text) as TokenAnswer;
  } catch (error) {
    throw new SystemError('failed to authorize: unable to decode the token response', { cause: error });
  }
}

function deniedText(status: number, text: string): string {
  return `failed to authorize: failed to fetch token: unexpected status: ${status}${text ? `: ${text.slice(0, 200)}` : ''}`;
}
