import { expect, test } from 'vitest';
import { createBridge } from '../preload/bridge.ts';
import { FakeElectron, FakePage } from '../testing/fake-electron.ts';
import { FakeLink } from '../testing/fake-link.ts';
import { serveIpc, type IpcEvent } from './ipc.ts';

const ownUrl = 'berth://app/#containers';

/** A page with the preload's bridge, joined to the app's side of it. */
function joined(url = ownUrl) {
  const link = new FakeLink();
  const electron = new FakeElectron();
  serveIpc(electron.parts().ipcMain as never, link);
  const page = new FakePage(1);
  const bridge = createBridge({
    invoke: async (channel, request) => {
      const event: IpcEvent = { sender: page, senderFrame: { url } };
      return electron.calls.get(channel)?.(event, structuredClone(request));
    },
    on: (name, listener) =>
      page.listeners_.push((channel, message) => channel === name && listener(null, structuredClone(message))),
  });
  return { link, page, bridge, electron };
}

test('calls go to the daemon, and its answers and refusals come back in its words', async () => {
  const { bridge, link } = joined();
  link.answers = { 'containers.list': [{ id: 'a' }], restart: new Error('no kernel') };
  const call = (name: 'containers.list' | 'restart') => bridge.invoke('control:call', { name, request: {} });
  expect(await call('containers.list')).toEqual({ ok: true, value: [{ id: 'a' }] });
  expect(await call('restart')).toEqual({ ok: false, message: 'no kernel' });
  const unknown = await bridge.invoke('control:call', { name: 'constructor' as never, request: {} });
  expect(unknown).toEqual({ ok: false, message: 'the control API has no such call' });
});

test('a stream waits for its acknowledgements, and ends with the page', async () => {
  const { bridge, link, page } = joined();
  const messages: unknown[] = [];
  bridge.on('stream:message', (message) => messages.push(message));
  await bridge.invoke('stream:open', { id: 7, stream: 'events', request: {} });
  let taken = false;
  const told = link.tell({ kind: 'lost' }).then(() => (taken = true));
  expect(messages).toEqual([{ id: 7, message: { kind: 'lost' } }]);
  expect(taken).toBe(false);
  await bridge.invoke('stream:acknowledge', { id: 7 });
  await told;
  page.close();
  expect(link.streams[0]?.signal.aborted).toBe(true);
});

test('the end of a stream is told, with the reason; one that the page closed is not', async () => {
  const { bridge, link } = joined();
  const ends: unknown[] = [];
  bridge.on('stream:end', (end) => ends.push(end));
  for (const id of [1, 2, 3]) await bridge.invoke('stream:open', { id, stream: 'logs', request: { tail: 1 } });
  link.streams[0]?.end();
  link.streams[1]?.end(new Error('the daemon has ended'));
  await bridge.invoke('stream:close', { id: 3 });
  await new Promise((resolve) => setTimeout(resolve));
  expect(ends).toEqual([
    { id: 1, problem: null },
    { id: 2, problem: 'the daemon has ended' },
  ]);
});

test('only the own pages are served, and only by the channels of the map', async () => {
  for (const url of ['http://evil.example/', 'berth://app.evil.example/', 'file:///etc/passwd', '']) {
    const { bridge } = joined(url);
    await expect(bridge.invoke('control:call', { name: 'stop', request: {} })).rejects.toThrow('only the pages');
  }
  const { bridge } = joined();
  await expect(bridge.invoke('shell' as never, {} as never)).rejects.toThrow('there is no such call');
  expect(() => bridge.on('anything' as never, () => undefined)).toThrow('there is no such message');
  await expect(bridge.invoke('stream:open', { id: 1, stream: 'toString' as never, request: {} })).rejects.toThrow(
    'no such stream',
  );
});
