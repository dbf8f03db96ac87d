import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { connectInput } from './connect-input.ts';

/** A process's stdin as connectInput sees it. */
function openStdin() {
  const written = new PassThrough();
  const closed = Promise.withResolvers<void>();
  const streams = { stdin: written as unknown as Socket, closeStdin: () => void written.end() };
  return { streams, closed: closed.promise, written, closeStdin: async () => closed.resolve() };
}

test('the process reads end-of-file when the client ended before anybody listened', async () => {
  const socket = new PassThrough();
  socket.end();
  await once(socket.resume(), 'end');
  const { streams, closed, closeStdin } = openStdin();
  void connectInput({ socket, streams, detachKeys: null, closeOnEnd: true, closeStdin });
  await closed;
});

test('what the client sends goes in before the end of file', async () => {
  const socket = new PassThrough();
  const { streams, closed, closeStdin, written } = openStdin();
  void connectInput({ socket, streams, detachKeys: null, closeOnEnd: true, closeStdin });
  socket.end('some input');
  await closed;
  expect(String(written.read())).toBe('some input');
});

test('a client that leaves an interactive container lets the process wait for the next one', async () => {
  const socket = new PassThrough();
  const { streams, written, closeStdin } = openStdin();
  void connectInput({ socket, streams, detachKeys: null, closeOnEnd: false, closeStdin });
  socket.end('typed');
  await once(socket, 'end');
  expect(written.writableEnded).toBe(false);
});
