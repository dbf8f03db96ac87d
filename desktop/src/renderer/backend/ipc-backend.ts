import type { BerthBridge } from '../../shared/ipc-contract.ts';
import type { Backend } from './backend.ts';

interface Open {
  take(message: unknown): Promise<void>;
  end(problem: string | null): void;
}

/** The control API through the app that shows the page. */
export function ipcBackend(bridge: BerthBridge): Backend {
  const open = new Map<number, Open>();
  let nextId = 1;
  bridge.on('stream:message', ({ id, message }) => void open.get(id)?.take(message));
  bridge.on('stream:end', ({ id, problem }) => open.get(id)?.end(problem));
  return {
    async call(name, request) {
      const outcome = await bridge.invoke('control:call', { name, request });
      if (outcome.ok) return outcome.value as never;
      throw new Error(outcome.message);
    },

    async follow(stream, request, { onMessage, signal }) {
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const leave = () => resolve();
      open.set(id, {
        take: async (message) => {
          await onMessage(message as never);
          await bridge.invoke('stream:acknowledge', { id });
        },
        end: (problem) => (problem === null ? resolve() : reject(new Error(problem))),
      });
      signal.addEventListener('abort', leave, { once: true });
      try {
        await bridge.invoke('stream:open', { id, stream, request });
        await promise;
      } finally {
        open.delete(id);
        signal.removeEventListener('abort', leave);
        await bridge.invoke('stream:close', { id });
      }
    },
  };
}
