import { expect, test } from 'vitest';
import type { BerthBridge, IpcCallName } from '../../shared/ipc-contract.ts';
import { ipcBackend } from './ipc-backend.ts';

/** The app's side, as a test plays it. */
function fakeBridge(answers: Partial<Record<IpcCallName, unknown>> = {}) {
  const calls: [string, unknown][] = [];
  const listeners: Record<string, (message: never) => void> = {};
  const bridge: BerthBridge = {
    invoke: async (name, request) => {
      calls.push([name, request]);
      return answers[name] as never;
    },
    on: (name, listener) => void (listeners[name] = listener as never),
  };
  const tell = (name: string, message: object) => listeners[name]?.(message as never);
  return { bridge, calls, tell };
}

test('a result is returned, a refusal thrown in the words it came with', async () => {
  const { bridge } = fakeBridge({ 'control:call': { ok: true, value: 3 } });
  expect(await ipcBackend(bridge).call('status', {})).toBe(3);
  const refused = fakeBridge({ 'control:call': { ok: false, message: 'no' } });
  await expect(ipcBackend(refused.bridge).call('stop', {})).rejects.toThrow('no');
});

test('a stream acknowledges what was taken in, and is closed by whoever leaves', async () => {
  const { bridge, calls, tell } = fakeBridge();
  const messages: unknown[] = [];
  const left = new AbortController();
  const onMessage = (message: unknown) => void messages.push(message);
  const following = ipcBackend(bridge).follow('events', {}, { onMessage, signal: left.signal });
  await Promise.resolve();
  tell('stream:message', { id: 1, message: { kind: 'lost' } });
  tell('stream:message', { id: 2, message: "another one's" });
  await new Promise((resolve) => setTimeout(resolve));
  left.abort();
  await following;
  expect(messages).toEqual([{ kind: 'lost' }]);
  expect(calls.map(([name]) => name)).toEqual(['stream:open', 'stream:acknowledge', 'stream:close']);
});

test('the end of a stream resolves, a break rejects', async () => {
  const { bridge, tell } = fakeBridge();
  const backend = ipcBackend(bridge);
  const following = { onMessage: () => undefined, signal: new AbortController().signal };
  const [good, bad] = [backend.follow('events', {}, following), backend.follow('events', {}, following)];
  await Promise.resolve();
  tell('stream:end', { id: 1, problem: null });
  tell('stream:end', { id: 2, problem: 'gone' });
  await good;
  await expect(bad).rejects.toThrow('gone');
});
