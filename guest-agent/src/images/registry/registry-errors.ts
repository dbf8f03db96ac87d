import { getServers } from 'node:dns';
import { STATUS_CODES } from 'node:http';
import { isIPv6 } from 'node:net';
import {
  ForbiddenError,
  NotFoundError,
  NotImplementedError,
  SystemError,
  UnauthorizedError,
  UnavailableError,
  type EngineError,
} from '../../api/errors.ts';

/** The registry wants other credentials than it was given, or any. */
export class AccessDeniedError extends UnauthorizedError {}
/** The registry wants a login and there is none. */
export class NoCredentialsError extends AccessDeniedError {}
/** An answer that says nothing about its reason. */
export class UnexpectedStatusError extends SystemError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
/** The registry does not have it. */
export class RegistryNotFoundError extends NotFoundError {
  /** The registry's own words, as `name unknown: repository name not known to registry`. */
  readonly said: string | undefined;

  constructor(message: string, said?: string) {
    super(message);
    this.said = said;
  }
}
/** The connection failed; a new attempt may do better. */
export class RegistryConnectionError extends SystemError {}

const defaultMessages: Readonly<Record<string, string>> = {
  UNKNOWN: 'unknown error',
  UNSUPPORTED: 'The operation is unsupported.',
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  UNAVAILABLE: 'service unavailable',
  TOOMANYREQUESTS: 'too many requests',
};

interface RegistryProblem {
  code?: string;
  message?: string;
  detail?: unknown;
}

export interface FailedAnswer {
  /** What was asked for, to be named in the message. */
  what: string;
  method: string;
  url: URL;
  status: number;
  body: string;
}

/** Turns an answer that is no success into one of our errors, with the registry's own words. */
export function registryError({ what, method, url, status, body }: FailedAnswer): EngineError {
  const problems = problemsIn(body);
  if (status === 404)
    return new RegistryNotFoundError(`${what}: not found`, problems[0] && codeAndMessage(problems[0]));
  if (problems.length === 0) {
    const answer = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
    return new UnexpectedStatusError(`unexpected status from ${method} request to ${url.href}: ${answer}`, status);
  }
  const text = `error from registry: ${problems.map(messageOf).join('\n')}`;
  return new (classOf(problems[0]?.code))(text);
}

const codeAndMessage = ({ code = 'UNKNOWN', message = '' }: RegistryProblem): string =>
  `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`;

function messageOf({ code = 'UNKNOWN', message, detail }: RegistryProblem): string {
  const said = message || defaultMessages[code] || code.toLowerCase();
  return typeof detail === 'string' ? `${said} - ${detail}` : said;
}

function classOf(code: string | undefined): new (message: string) => EngineError {
  if (code === 'UNSUPPORTED') return NotImplementedError;
  if (code === 'UNAUTHORIZED') return UnauthorizedError;
  if (code === 'DENIED') return ForbiddenError;
  if (code === 'UNAVAILABLE') return UnavailableError;
  return SystemError;
}

function problemsIn(body: string): RegistryProblem[] {
  try {
    const parsed = JSON.parse(body) as { errors?: unknown };
    return Array.isArray(parsed?.errors) ? (parsed.errors as RegistryProblem[]) : [];
  } catch {
    return [];
  }
}

/** Go's words for what went wrong below HTTP, which Docker's users know. */
export function connectionError(request: { method: string; url: URL }, error: unknown): RegistryConnectionError {
  const method = request.method[0] + request.method.slice(1).toLowerCase();
  const reason = `${method} ${JSON.stringify(request.url.href)}: ${reasonOf(request.url, error)}`;
  return new RegistryConnectionError(`failed to do request: ${reason}`, { cause: error });
}

const x509 = 'tls: failed to verify certificate: x509: ';
const unknownAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const plainHttpAnswers = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'EPROTO',
]);

/** Whether TLS failed since the other side does not speak it. */
export const isPlainHttpAnswer = (error: unknown): boolean => plainHttpAnswers.has(rootCause(error).code ?? '');

export function reasonOf(url: URL, error: unknown): string {
  const { code, message, address, port } = rootCause(error);
  const peer = address === undefined ? url.host : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  if (code === 'ECONNREFUSED') return `dial tcp ${peer}: connect: connection refused`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${url.hostname}${nameServer()}: no such host`;
  if (code === 'EAI_AGAIN') return `dial tcp: lookup ${url.hostname}${nameServer()}: server misbehaving`;
  if (code === 'ENETUNREACH') return `dial tcp ${peer}: connect: network is unreachable`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${peer}: connect: no route to host`;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return `dial tcp ${peer}: i/o timeout`;
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'net/http: timeout awaiting response headers';
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'net/http: timeout awaiting response body';
  if (isPlainHttpAnswer(error)) return 'http: server gave HTTP response to HTTPS client';
  if (code !== undefined && unknownAuthority.has(code)) return `${x509}certificate signed by unknown authority`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `${x509}certificate has expired or is not yet valid`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${x509}${message ?? ''}`;
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'EOF';
  return `${message ?? ''}`;
}

function nameServer(): string {
  const [first] = getServers();
  if (first === undefined) return '';
  return ` on ${isIPv6(first) ? `[${first}]` : first}${/:\d+$/.test(first) && !isIPv6(first) ? '' : ':53'}`;
}

type Failure = { code?: string; message?: string; address?: string; port?: number };

function rootCause(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0]);
  return error instanceof Error ? (error as Failure) : { message: String(error) };
}

/** Docker's older client, which answers for logins and distribution, tries insecure registries over HTTP last. */
export function pingUrl(host: { host: string; insecure: boolean }): URL {
  return new URL(`${host.insecure ? 'http' : 'https'}://${host.host}/v2/`);
}
