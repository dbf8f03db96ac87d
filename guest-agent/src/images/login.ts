import { STATUS_CODES } from 'node:http';
import type { AuthStatus } from '../api/engine/distribution.ts';
import { SystemError, UnauthorizedError } from '../api/errors.ts';
import { parseChallenge } from './registry/challenge.ts';
import { loginOf, type RegistryCredentials } from './registry/credentials.ts';
import type { RegistryHost } from './registry/hosts.ts';
import { hostnameOf, type Registries } from './registry/registries.ts';
import {
  AccessDeniedError,
  NoCredentialsError,
  pingUrl,
  reasonOf,
  RegistryConnectionError,
} from './registry/registry-errors.ts';
import type { RegistryResponse } from './registry/transport.ts';

const hubNames = new Set(['', 'docker.io', 'index.docker.io']);

/** POST /auth: whether a registry accepts the credentials. Nothing is kept. */
export async function checkLogin(
  registries: Registries,
  credentials: RegistryCredentials,
  signal: AbortSignal,
): Promise<AuthStatus> {
  const name = hostnameOf(credentials.serveraddress ?? '');
  const host = await registries.hostOf(hubNames.has(name) ? 'docker.io' : name);
  const first = await ping(registries, host, { signal });
  const challenge = first.status === 401 ? parseChallenge(first.headers['www-authenticate']) : undefined;
  let identityToken = '';
  if (challenge?.scheme === 'bearer') {
    const { refreshToken } = await registries
      .authorizer(credentials, host)
      .requestToken(challenge, '', signal)
      .catch(explainDenied);
    identityToken = refreshToken;
  } else if (challenge) {
    const second = await ping(registries, host, { signal, authorization: basicOf(credentials) });
    if (second.status !== 200) throw failed(second);
  } else if (first.status !== 200) throw failed(first);
  return { IdentityToken: identityToken, Status: 'Login Succeeded' };
}

async function ping(
  registries: Registries,
  host: RegistryHost,
  { signal, authorization }: { signal: AbortSignal; authorization?: string },
): Promise<RegistryResponse> {
  const { transport } = registries;
  const url = transport.urlFor(host, '/v2/');
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  try {
    const response = await transport.send(host, { method: 'GET', url, headers, signal });
    response.body.resume();
    return response;
  } catch (error) {
    if (!(error instanceof RegistryConnectionError)) throw error;
    throw new SystemError(`Get ${JSON.stringify(pingUrl(host).href)}: ${reasonOf(url, error.cause)}`, { cause: error });
  }
}

function basicOf(credentials: RegistryCredentials): string {
  const login = loginOf(credentials);
  if (!login) throw new NoCredentialsError('no basic auth credentials');
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}

function failed({ status, url }: RegistryResponse): SystemError {
  return new SystemError(
    `login attempt to ${url.href} failed with status: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
  );
}

function explainDenied(error: unknown): never {
  if (!(error instanceof AccessDeniedError)) throw error;
  throw new UnauthorizedError('unauthorized: incorrect username or password', { cause: error });
}
