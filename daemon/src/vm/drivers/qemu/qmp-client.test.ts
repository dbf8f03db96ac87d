import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { scratchDir } from '../../testing/scratch-dir.ts';
import { QmpClient, QmpError } from './qmp-client.ts';

/** Speaks as much QMP as the client needs. */
async function fakeQemu(answer: (command: string) => object) {
  const dir = await scratchDir();
  const path = dir.file('qmp.sock');
  const clients: Socket[] = [];
  const server = createServer((socket) => {
    clients.push(socket);
    socket.on('error', () => undefined);
    socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
    createInterface({ input: socket }).on('line', (line) => {
      const { execute, id } = JSON.parse(line) as { execute: string; id: number };
      socket.write(`${JSON.stringify({ ...answer(execute), id })}\r\n`);
    });
  }).listen(path);
  await once(server, 'listening');
  const close = async () => {
    for (const client of clients) client.destroy();
    server.close();
    await dir[Symbol.asyncDispose]();
  };
  return { path, clients, [Symbol.asyncDispose]: close };
}

const soon = () => AbortSignal.timeout(10_000);

test('negotiates, answers commands and rejects refused ones with their reason', async () => {
  await using qemu = await fakeQemu((command) =>
    command === 'bad' ? { error: { class: 'CommandNotFound', desc: 'no such command' } } : { return: { did: command } },
  );
  using client = await QmpClient.connect(qemu.path, soon());
  expect(await client.execute('query-status')).toEqual({ did: 'query-status' });
  await expect(client.execute('bad')).rejects.toThrow(new QmpError('no such command'));
});

test('the end of QEMU fails what waits, and closes the client', async () => {
  await using qemu = await fakeQemu(() => ({ return: {} }));
  using client = await QmpClient.connect(qemu.path, soon());
  qemu.clients[0]?.write('{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\r\n');
  qemu.clients[0]?.end();
  await client.closed;
  expect(client.shutdownReason).toBe('guest-shutdown');
  expect(() => client.execute('query-status')).toThrow(QmpError);
});

test('nobody there: rejects', async () => {
  await using dir = await scratchDir();
  await expect(QmpClient.connect(dir.file('nothing.sock'), soon())).rejects.toThrow();
});
