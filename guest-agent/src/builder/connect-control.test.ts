import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { connectControl } from './connect-control.ts';

it('may be given up while it connects', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-control-'));
  const server = net.createServer((socket) => void socket.resume());
  try {
    server.listen(path.join(folder, 'socket'));
    await once(server, 'listening');
    const session = connectControl(path.join(folder, 'socket'));
    session.destroy();
    session.emit('connect', session, new net.Socket());
    expect(session.destroyed).toBe(true);
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
