import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseNamed } from '../reference.ts';
import { Registries } from './registries.ts';
import type { RegistryCredentials } from './credentials.ts';

/** A registry and its token server in one; tokens tell who got them and what for. */
let asked: string[];
let host: string;
let close: () => Promise<void>;
let registries: Registries;

const users: Record<string, string> = { [`Basic ${btoa('bob:secret')}`]: 'bob' };
const bytes = Buffer.from('{"schemaVersion":2}');
const digest = `sha256:${'a'.repeat(64)}`;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
  if (request.url?.startsWith('/token')) return await issueToken(request, response);
  if (request.headers.authorization !== 'Bearer for-bob') {
    const challenge = `Bearer realm="http://${host}/token",service="the registry",scope="repository:x:pull"`;
    return void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
  }
  response.writeHead(200, {
    'Content-Type': 'application/vnd.oci.image.manifest.v1+json',
    'Content-Length': bytes.length,
    'Docker-Content-Digest': digest,
  });
  response.end();
}

async function issueToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = '';
  for await (const chunk of request) form += chunk;
  if (form) asked.push(form);
  const isRefresh = new URLSearchParams(form).get('refresh_token') === 'refresh';
  const user = isRefresh ? 'bob' : users[request.headers.authorization ?? ''];
  if (request.headers.authorization && !user) return void response.writeHead(401).end('{"details":"bad password"}');
  response.end(JSON.stringify({ token: user ? `for-${user}` : 'for-nobody', refresh_token: 'refresh' }));
}

beforeEach(async () => {
  asked = [];
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  registries = new Registries({ userAgent: 'test', insecureRegistries: [] });
  close = async () => {
    await registries[Symbol.asyncDispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(() => close());

const open = async (credentials?: RegistryCredentials) =>
  await registries.open(parseNamed(`${host}/x`), { credentials, actions: 'pull' });

describe('a registry with a token server', () => {
  it('gets a token for the user, and asks for it once', async () => {
    const repository = await open({ username: 'bob', password: 'secret' });
    expect(await repository.resolve('latest')).toMatchObject({ digest });
    await repository.resolve('latest');
    const tokens = asked.filter((line) => line.includes('/token'));
    expect(tokens).toEqual([
      `GET /token?service=the+registry&scope=repository%3Ax%3Apull&account=bob Basic ${btoa('bob:secret')}`,
    ]);
  });

  it('trades a refresh token in', async () => {
    await (await open({ identitytoken: 'refresh' })).resolve('latest');
    expect(asked).toContain(
      'grant_type=refresh_token&refresh_token=refresh&service=the+registry&scope=repository%3Ax%3Apull&client_id=berth',
    );
  });

  it('uses a registry token as it is', async () => {
    await (await open({ registrytoken: 'for-bob' })).resolve('latest');
    expect(asked.some((line) => line.includes('/token'))).toBe(false);
  });

  it('is refused with the wrong password, and where nobody is not enough', async () => {
    const wrong = (await open({ username: 'bob', password: 'wrong' })).resolve('latest');
    await expect(wrong).rejects.toMatchObject({ name: 'AccessDeniedError' });
    await expect((await open()).resolve('latest')).rejects.toMatchObject({ name: 'AccessDeniedError' });
  });

  it('does not show credentials to other registries', async () => {
    const elsewhere = await open({ username: 'bob', password: 'secret', serveraddress: 'https://other.example/v1/' });
    await expect(elsewhere.resolve('latest')).rejects.toMatchObject({ name: 'AccessDeniedError' });
    expect(asked.some((line) => line.includes('Basic'))).toBe(false);
  });
});
