import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { SystemError } from '../../api/errors.ts';
import { Dispatchers, type DispatchersOptions } from './dispatchers.ts';
import type { RegistryHost } from './hosts.ts';
import { connectionError, isPlainHttpAnswer } from './registry-errors.ts';

export interface RegistryRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Record<string, string>;
  /** A stream is made anew for each attempt. */
  body?: Buffer | string | (() => AsyncIterable<Uint8Array>);
  /** How often a busy or failing registry is asked at most; 5 if absent. */
  maxAttempts?: number;
  signal?: AbortSignal;
}

export interface RegistryResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** To be read to its end or destroyed. */
  body: Readable;
  /** Where the answer came from in the end, redirects followed. */
  url: URL;
}

const maxRedirects = 10;
const defaultAttempts = 5;
/** Asked again for everything that is not yet begun. */
const busy = new Set([429, 503]);
/** Asked again where asking twice does no harm. */
const passing = new Set([408, 500, 502, 504]);

export interface RegistryTransportOptions extends DispatchersOptions {
  userAgent: string;
}

/** Connections to registries. One for the whole agent, so that they are kept alive. */
export class RegistryTransport implements AsyncDisposable {
  readonly #dispatchers: Dispatchers;
  /** Insecure hosts that turned out not to speak TLS. */
  readonly #plain = new Set<string>();
  readonly #userAgent: string;

  constructor(options: RegistryTransportOptions) {
    this.#userAgent = options.userAgent;
    this.#dispatchers = new Dispatchers(options);
  }

  /** URL of a path on a registry, with the scheme that it is known to speak. */
  urlFor({ host, scheme, root = '' }: RegistryHost, path: string): URL {
    return new URL(`${this.#plain.has(host) ? 'http' : (scheme ?? 'https')}://${host}${root}${path}`);
  }

  /** Follows redirects. What a registry says it may do later is asked again, unless its owner has to look at it first. */
  async send(host: RegistryHost, wanted: RegistryRequest): Promise<RegistryResponse> {
    const { maxAttempts = defaultAttempts } = wanted;
    for (let attempt = 1; ; attempt++) {
      const response = await this.#sendOnce(host, wanted);
      if (!isWorthAnother(wanted, response.status) || attempt === maxAttempts) return response;
      response.body.destroy();
      await sleep(retryDelayMs(response.headers['retry-after'], attempt), undefined, { signal: wanted.signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatchers[Symbol.asyncDispose]();
  }

  async #sendOnce(host: RegistryHost, wanted: RegistryRequest): Promise<RegistryResponse> {
    try {
      return await this.#follow(host, wanted);
    } catch (error) {
      wanted.signal?.throwIfAborted();
      if (host.insecure && wanted.url.protocol === 'https:' && mayBePlain(wanted.url, error)) {
        this.#plain.add(host.host);
        return await this.#sendOnce(host, { ...wanted, url: new URL(wanted.url.href.replace(/^https:/, 'http:')) });
      }
      if (error instanceof SystemError) throw error;
      throw connectionError(wanted, error);
    }
  }

  async #follow(
    host: RegistryHost,
    { method, url, headers, body, signal }: RegistryRequest,
  ): Promise<RegistryResponse> {
    const { request } = await import('undici');
    let location = url;
    let sent: Record<string, string> = { 'User-Agent': this.#userAgent, ...headers };
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const dispatcher = await this.#dispatchers.for(host, location);
      const sending = typeof body === 'function' ? body() : body;
      // undici's types do not know that it takes any iterable.
      const response = await request(location, {
        method,
        headers: sent,
        body: sending as Readable,
        signal,
        dispatcher,
      });
      // Whoever reads the body learns of its failure; one that is given up has nobody to tell.
      response.body.on('error', () => {});
      const next = redirectOf(response);
      if (next === undefined || (body !== undefined && !keepsBody(response))) {
        return { status: response.statusCode, headers: response.headers, body: response.body, url: location };
      }
      await response.body.dump();
      const target = new URL(next, location);
      // Credentials are for the registry, not for the storage that it points to.
      if (target.host !== location.host) sent = withoutAuthorization(sent);
      location = target;
    }
    throw new SystemError(`${method} ${JSON.stringify(url.href)}: stopped after ${maxRedirects} redirects`);
  }
}

/** A host without a port may serve plain HTTP at the port of its own. */
const mayBePlain = (url: URL, error: unknown): boolean =>
  isPlainHttpAnswer(error) || (codeOf(error) === 'ECONNREFUSED' && url.port === '');

function isWorthAnother({ method, body }: RegistryRequest, status: number): boolean {
  if (busy.has(status)) return typeof body !== 'function';
  return passing.has(status) && (method === 'GET' || method === 'HEAD');
}

/** 307 and 308 are the redirects that say: the same again. */
const keepsBody = ({ statusCode }: Dispatcher.ResponseData): boolean => statusCode === 307 || statusCode === 308;

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const { location } = headers;
  const redirects =
    statusCode === 301 || statusCode === 302 || statusCode === 303 || statusCode === 307 || statusCode === 308;
  return redirects && typeof location === 'string' ? location : undefined;
}

function withoutAuthorization(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

/** Seconds or a date; without the header, longer from attempt to attempt. At most a minute. */
function retryDelayMs(header: string | string[] | undefined, attempt: number): number {
  const text = typeof header === 'string' ? header : '';
  const stated = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  const delayMs = Number.isNaN(stated) ? 250 * 2 ** attempt : stated;
  return Math.min(Math.max(delayMs, 0), 60_000);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
