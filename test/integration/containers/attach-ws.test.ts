import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';
import { readUntil } from '../../helpers/hijack.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const headers = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** The stream behind a WebSocket handshake, or the status of a refusal. */
function open(path: string): Promise<Duplex | number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: berth.socketPath, path, headers });
    outgoing.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.on('response', (response) => resolve(response.statusCode ?? 0));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** A masked binary message of a client (RFC 6455), the mask being zero. */
const message = (text: string) =>
  Buffer.concat([Buffer.from([0x82, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

test('input goes in and output comes out as binary messages', async () => {
  await berth.docker(['run', '-di', '--name', 'echo', 'busybox', 'cat']);
  const socket = await open('/v1.51/containers/echo/attach/ws?stream=1&stdin=1&stdout=1');
  if (typeof socket === 'number') return expect.unreachable(`status ${socket}`);
  socket.write(message('hello\n'));
  const answer = await readUntil(socket, (text) => text.includes('hello\n'));
  expect(answer).toMatch(/^.\x06hello\n$/s);
  await berth.docker(['rm', '-f', 'echo']);
  // The container's end closes the connection.
  await readUntil(socket, () => false);
  socket.destroy();
});

test('what cannot be attached to is refused before the upgrade', async () => {
  expect(await open('/v1.51/containers/nope/attach/ws?stream=1')).toBe(404);
  await berth.docker(['create', '--name', 'plain', 'busybox', 'cat']);
  const plain = await engineRequest(berth.socketPath, { method: 'GET', path: '/v1.51/containers/plain/attach/ws' });
  expect(plain).toMatchObject({ status: 400, body: 'not websocket protocol' });
});
