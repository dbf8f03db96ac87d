import {
  ipcCallNames,
  ipcMessageNames,
  type BerthBridge,
  type IpcCallName,
  type IpcMessageName,
} from '../shared/ipc-contract.ts';

export interface IpcPipe {
  invoke(channel: string, request: unknown): Promise<unknown>;
  on(channel: string, listener: (event: unknown, message: unknown) => void): unknown;
}

/** What a page gets of the app: the calls and messages of the IPC map by their names, and no other channel. */
export function createBridge(pipe: IpcPipe): BerthBridge {
  return {
    invoke: async (name: IpcCallName, request: unknown) => {
      if (!ipcCallNames.includes(name)) throw new Error('there is no such call');
      return (await pipe.invoke(name, request)) as never;
    },
    on: (name: IpcMessageName, listener: (message: never) => void) => {
      if (!ipcMessageNames.includes(name)) throw new Error('there is no such message');
      pipe.on(name, (_event, message) => listener(message as never));
    },
  };
}
