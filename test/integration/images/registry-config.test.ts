import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { TestAuthority, type Certificate } from './certificates.ts';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, type TestImage } from './oci-image.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { startTestRegistry, type TestRegistry } from './registry.ts';

// Addresses that are nobody's (RFC 5737): the proxy alone knows the way, and no name is looked up.
const trusted = '192.0.2.10:5000';
const wantsClient = '192.0.2.11:5000';
const unknown = '192.0.2.12:5000';
const insecure = '198.51.100.5:5000';
const tokens = '192.0.2.13:5001';
const company = '192.0.2.14:5000';
const [deadMirror, mirror] = ['192.0.2.20:5000', '192.0.2.21:5000'];
const hub = 'registry-1.docker.io:443';

const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let proxy: TestProxy;
let image: TestImage;
let dir: string;
let authority: TestAuthority;
let served: Certificate;
const registries: Record<string, TestRegistry> = {};

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-certs-'));
  stack.defer(() => rmSync(dir, { recursive: true }));
  authority = new TestAuthority(dir);
  served = authority.sign('server', ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', 'registry-1.docker.io']);
  proxy = stack.use(await startProxy());
  const tls = { cert: served.certificate, key: served.key };
  await serve([trusted, unknown, insecure, hub], tls);
  await serve([wantsClient], { ...tls, ca: authority.certificate, requestCert: true, rejectUnauthorized: true });
  await serve([mirror]);
  const companyDir = path.join(dir, 'company');
  mkdirSync(companyDir);
  const companyAuthority = new TestAuthority(companyDir);
  const { certificate: cert, key } = companyAuthority.sign('server', ['192.0.2.14']);
  await serve([company], { cert, key });
  for (const host of [trusted, wantsClient, 'registry-1.docker.io']) trust(host);
  const shown = authority.sign('client', ['client.example']);
  writeFileSync(path.join(dir, 'certs.d', wantsClient, 'client.cert'), shown.certificate);
  writeFileSync(path.join(dir, 'certs.d', wantsClient, 'client.key'), shown.key);
  engine = stack.use(
    await startImageEngine({
      authorities: [companyAuthority.certificate],
      certificateDirs: [path.join(dir, 'certs.d')],
      insecureRegistries: ['198.51.100.0/24'],
      mirrors: [`http://${deadMirror}`, `http://${mirror}/`],
      proxies: { httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: '' },
    }),
  );
  client = engine.client;
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  proxy.requests.length = 0;
  image = await buildImage({ layers: [{ a: randomBytes(100_000) }] });
  for (const registry of Object.values(registries)) {
    registry.requests.length = 0;
    registry.interfere = () => false;
  }
});

async function serve(hosts: string[], tls?: object): Promise<void> {
  for (const host of hosts) {
    const registry = stack.use(await startTestRegistry(tls));
    registries[host] = registry;
    proxy.routes.set(host, registry.host);
  }
}

function trust(host: string): void {
  mkdirSync(path.join(dir, 'certs.d', host), { recursive: true });
  writeFileSync(path.join(dir, 'certs.d', host, 'ca.crt'), authority.certificate);
}

async function pull(name: string): Promise<string> {
  const { body } = await client.call(`/images/create?fromImage=${name}&tag=1`, { method: 'POST' });
  if (!Array.isArray(body)) return (body as { message: string }).message;
  const last = body.at(-1) as { status?: string; error?: string };
  return last.status ?? last.error ?? '';
}

const newer = /^Status: Downloaded newer image/;

it('trusts the authorities in certs.d, through a proxy that wants a password', async () => {
  registries[trusted]?.put('x', '1', image);
  expect(await pull(`${trusted}/x`)).toMatch(newer);
  expect(proxy.requests[0]).toBe(`bob: CONNECT ${trusted}`);
});

it('trusts the authorities that the host trusts', async () => {
  registries[company]?.put('x', '1', image);
  expect(await pull(`${company}/x`)).toMatch(newer);
});

it('trusts no others', async () => {
  registries[unknown]?.put('x', '1', image);
  expect(await pull(`${unknown}/x`)).toContain('tls: failed to verify certificate: x509: certificate signed by');
  trust(unknown);
  expect(await pull(`${unknown}/x`)).toMatch(newer);
});

it('shows its own certificate to who asks for it', async () => {
  registries[wantsClient]?.put('x', '1', image);
  expect(await pull(`${wantsClient}/x`)).toMatch(newer);
});

it('does not check what insecure-registries names', async () => {
  registries[insecure]?.put('x', '1', image);
  expect(await pull(`${insecure}/x`)).toMatch(newer);
});

it('asks mirrors first for what is on Docker Hub, and Docker Hub for what they lack', async () => {
  registries[mirror]?.put('library/mirrored', '1', image);
  expect(await pull('mirrored')).toBe('Status: Downloaded newer image for mirrored:1');
  expect(registries[hub]?.requests).toEqual([]);
  const { RepoDigests } = (await client.call('/images/mirrored:1/json')).body as { RepoDigests: string[] };
  expect(RepoDigests).toEqual([`mirrored@${image.descriptor.digest}`]);
  const other = await buildImage({ layers: [{ b: randomBytes(1000) }] });
  registries[hub]?.put('library/original', '1', other);
  expect(await pull('original')).toBe('Status: Downloaded newer image for original:1');
  const asked = proxy.requests.filter((line) => line.includes('/original/'));
  expect(asked.filter((line) => line.includes(deadMirror))).toHaveLength(1);
  expect(await pull('nowhere')).toContain('docker.io/library/nowhere:1: not found');
});

it('takes over from a mirror that lies or fails', async () => {
  registries[mirror]?.put('library/lied', '1', image);
  registries[hub]?.put('library/lied', '1', image);
  const wrong = await buildImage({ layers: [{ c: 'x' }] });
  registries[mirror]!.interfere = (request, response) => {
    if (request.method !== 'GET') return false;
    if (request.url?.includes('/blobs/')) response.writeHead(404).end();
    else response.end(wrong.blobs.get(wrong.descriptor.digest));
    return true;
  };
  expect(await pull('lied')).toMatch(newer);
});

it('speaks to token servers by the same rules', async () => {
  const tokenServer = createServer({ cert: served.certificate, key: served.key }, (_, response) => {
    response.end('{"token":"good"}');
  }).listen(0, '127.0.0.1');
  await once(tokenServer, 'listening');
  await using _closed = { [Symbol.asyncDispose]: async () => void (await closeServer(tokenServer)) };
  proxy.routes.set(tokens, `127.0.0.1:${(tokenServer.address() as AddressInfo).port}`);
  registries[trusted]?.put('guarded', '1', image);
  registries[trusted]!.interfere = (request, response) => {
    if (request.headers.authorization === 'Bearer good') return false;
    response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="https://${tokens}/token",service="s"` }).end();
    return true;
  };
  expect(await pull(`${trusted}/guarded`)).toMatch(newer);
  expect(proxy.requests).toContain(`bob: CONNECT ${tokens}`);
});

async function closeServer(server: ReturnType<typeof createServer>): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

it('waits as long as a busy registry asks for, and asks again after a failure of its own', async () => {
  registries[trusted]?.put('busy', '1', image);
  const answers = [
    [429, { 'Retry-After': '1' }],
    [502, {}],
  ] as const;
  let asked = 0;
  registries[trusted]!.interfere = (_, response) => {
    const answer = answers[asked++];
    if (!answer) return false;
    response.writeHead(answer[0], answer[1]).end();
    return true;
  };
  const startedMs = performance.now();
  expect(await pull(`${trusted}/busy`)).toMatch(newer);
  expect(performance.now() - startedMs).toBeGreaterThan(990);
});
