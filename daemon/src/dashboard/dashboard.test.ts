import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { unacknowledgedLimit } from '../api/streams.ts';
import { controlBed, type ControlBed } from '../testing/control-bed.ts';
import { scratchDir, type ScratchDir } from '../vm/testing/scratch-dir.ts';
import { linkLifetimeMs, DashboardSessions } from './sessions.ts';

let dir: ScratchDir;
let bed: ControlBed;

beforeEach(async () => {
  dir = await scratchDir();
  await mkdir(dir.file('assets'));
  await writeFile(dir.file('index.html'), '<!doctype html>page');
  await writeFile(dir.file('assets/app.js'), 'script');
  bed = await controlBed({ pagesDir: dir.path });
});
afterEach(async () => {
  await bed[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

interface Ask {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

/** A request as nobody's library would make it: its headers and path are what the test says. */
async function ask(url: URL, { method = 'GET', headers = {}, body }: Ask = {}) {
  const { hostname, port, pathname, search } = url;
  const outgoing = request({ hostname, port, path: pathname + search, method, headers, agent: false });
  const [answer] = (await once(outgoing.end(body), 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
}

/** Opens a link; where the pages are then, and the cookie that they ask for. */
async function enter() {
  const link = new URL(await bed.client.openDashboard());
  const answer = await ask(link);
  const [cookie = '', ...attributes] = (answer.headers['set-cookie']?.[0] ?? '').split('; ');
  const path = /url=(\/s\/[\w-]+\/)/.exec(answer.text)?.[1] ?? '';
  return { link, cookie, attributes, base: new URL(path, link), answer };
}

test('a link lets one browser in, once', async () => {
  const { link, cookie, attributes, base, answer } = await enter();
  expect(link.hostname).toBe('127.0.0.1');
  expect(answer.status).toBe(200);
  expect(attributes).toEqual([`Path=${base.pathname}`, 'HttpOnly', 'SameSite=Strict']);
  expect(await ask(base, { headers: { cookie } })).toMatchObject({ status: 200, text: '<!doctype html>page' });
  expect(await ask(new URL('assets/app.js', base), { headers: { cookie } })).toMatchObject({ status: 200 });
  expect(await ask(new URL('v1/status', base), { headers: { cookie } })).toMatchObject({ status: 200 });
  expect((await ask(link)).status).toBe(401);
});

test('without the cookie, with a wrong one or with that of another link nothing is served', async () => {
  const [one, two] = [await enter(), await enter()];
  for (const cookie of ['', 'berth=', 'berth=wrong', two.cookie, `other=1; ${two.cookie}`]) {
    for (const path of ['', 'assets/app.js', 'v1/status', 'v1/nothing']) {
      expect((await ask(new URL(path, one.base), { headers: { cookie } })).status, cookie + path).toBe(401);
    }
  }
  expect((await ask(new URL('/v1/status', one.base), { headers: { cookie: one.cookie } })).status).toBe(404);
  expect((await ask(new URL('/open?token=guess', one.base))).status).toBe(401);
  expect((await ask(new URL('/open', one.base))).status).toBe(401);
});

test('another name for this address, and pages of other origins, are refused', async () => {
  const { base, cookie } = await enter();
  const own = base.origin;
  const stop = (headers: OutgoingHttpHeaders) =>
    ask(new URL('v1/stop', base), {
      method: 'POST',
      headers: { cookie, 'Content-Type': 'application/json', ...headers },
      body: '{}',
    });
  for (const headers of [
    { Host: 'evil.example' },
    { Host: `evil.example:${base.port}` },
    { Host: `localhost:${base.port}`, Origin: own },
    { Origin: 'http://evil.example' },
    { Origin: 'http://127.0.0.1:1' },
    { Origin: 'null' },
    {},
  ]) {
    expect((await stop(headers)).status, JSON.stringify(headers)).toBe(403);
  }
  const read = await ask(new URL('v1/status', base), { headers: { cookie, Origin: 'http://evil.example' } });
  expect(read.status).toBe(403);
  expect(bed.machine.calls).toEqual([]);
  expect((await stop({ Origin: own })).status).toBe(200);
  expect(bed.machine.calls).toEqual(['stop']);
});

/** How a WebSocket was answered: with the first message, or with a status. */
async function socketAnswer(url: URL, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(url.href.replace('http:', 'ws:'), { headers });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('message', (data: Buffer) => resolve((JSON.parse(data.toString()) as { kind: string }).kind));
  socket.once('unexpected-response', (_request, answer) => resolve(String(answer.statusCode)));
  socket.once('error', (error) => resolve(error.message));
  const answer = await promise;
  socket.terminate();
  return answer;
}

test('WebSockets ask for the cookie and the origin, too', async () => {
  const { base, cookie } = await enter();
  const events = new URL('v1/events', base);
  expect(await socketAnswer(events, { Origin: base.origin, Cookie: cookie })).toBe('status');
  expect(await socketAnswer(events, { Origin: base.origin })).toBe('401');
  expect(await socketAnswer(events, { Cookie: cookie })).toBe('403');
  expect(await socketAnswer(events, { Cookie: cookie, Origin: 'http://127.0.0.1:8080' })).toBe('403');
  const crossSite = { Origin: base.origin, Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' };
  expect(await socketAnswer(events, crossSite)).toBe('403');
  const malformed = new URL('v1/containers/logs?id=x&tail=many', base);
  expect(await socketAnswer(malformed, { Origin: base.origin, Cookie: cookie })).toBe('400');
});

test('who acknowledges in advance is not sent more for it', async () => {
  const { base, cookie } = await enter();
  const url = new URL('v1/events', base).href.replace('http:', 'ws:');
  const socket = new WebSocket(url, { headers: { Origin: base.origin, Cookie: cookie } });
  let received = 0;
  socket.on('message', () => (received += 1));
  await once(socket, 'open');
  for (let count = 0; count < 1000; count++) socket.send('ok');
  // What was sent before is there when a ping is answered.
  const settle = async () => {
    socket.ping();
    await once(socket, 'pong');
  };
  await settle();
  const before = received;
  for (let atMs = 0; atMs < 500; atMs++) bed.events.progress({ phase: 'p', atMs });
  for (let round = 0; round < 5; round++) await settle();
  expect(received - before).toBeLessThanOrEqual(unacknowledgedLimit);
  socket.terminate();
});

test('pages come with a strict policy, and no path leads out of them', async () => {
  const { base, cookie } = await enter();
  const { headers } = await ask(base, { headers: { cookie } });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  for (const path of ['../../../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', '..%2f..%2fetc%2fpasswd', 'assets']) {
    const answer = await ask(Object.assign(new URL(base), { pathname: base.pathname + path }), { headers: { cookie } });
    expect([401, 404], path).toContain(answer.status);
  }
});

test('the shell and the end of the daemon are not for browsers', async () => {
  const { base, cookie } = await enter();
  const headers = { cookie, Origin: base.origin };
  for (const path of ['v1/shutdown', 'v1/dashboard', 'v1/shell?cols=80&rows=24', 'v1/shell/x/resize']) {
    expect((await ask(new URL(path, base), { method: 'POST', headers })).status, path).toBe(404);
  }
});

test('a link that nobody opens within a minute is used up', () => {
  let now = 0;
  const sessions = new DashboardSessions(() => now);
  const token = sessions.issue();
  now = linkLifetimeMs;
  expect(sessions.admit(token)).toBeNull();
});

test('pages that were not built are told, not served', async () => {
  await using without = await controlBed({ pagesDir: dir.file('nowhere') });
  await expect(without.client.openDashboard()).rejects.toThrow("the dashboard's pages are not in");
});
