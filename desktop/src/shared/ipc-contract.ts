import type { OperationName, StreamName } from '@berth/daemon/api';

/** An operation's result, or the words in which the daemon refused it. */
export type CallOutcome = { ok: true; value: unknown } | { ok: false; message: string };

/** What a page may ask of the app: the one map of all calls between the two. */
export interface IpcCalls {
  /** An operation of the control API. */
  'control:call': { request: { name: OperationName; request: object }; response: CallOutcome };
  /** Begins to follow a stream; its messages come as `stream:message` with the page's own id. */
  'stream:open': { request: { id: number; stream: StreamName; request: object }; response: void };
  /** The page has taken a message in: the next may come. */
  'stream:acknowledge': { request: { id: number }; response: void };
  'stream:close': { request: { id: number }; response: void };
}

/** What the app tells a page. */
export interface IpcMessages {
  'stream:message': { id: number; message: unknown };
  /** `problem`: null when it ended as it should. */
  'stream:end': { id: number; problem: string | null };
}

export type IpcCallName = keyof IpcCalls;
export type IpcMessageName = keyof IpcMessages;

export const ipcCallNames: readonly IpcCallName[] = [
  'control:call',
  'stream:open',
  'stream:acknowledge',
  'stream:close',
];
export const ipcMessageNames: readonly IpcMessageName[] = ['stream:message', 'stream:end'];

/** What the preload script puts into a page as `window.berth`. */
export interface BerthBridge {
  invoke<Name extends IpcCallName>(name: Name, request: IpcCalls[Name]['request']): Promise<IpcCalls[Name]['response']>;
  on<Name extends IpcMessageName>(name: Name, listener: (message: IpcMessages[Name]) => void): void;
}
