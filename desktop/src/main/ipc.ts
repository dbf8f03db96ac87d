import { operations, streams, type OperationName, type StreamName } from '@berth/daemon/api';
import type { CallOutcome, IpcCallName, IpcCalls, IpcMessageName, IpcMessages } from '../shared/ipc-contract.ts';
import type { DaemonLink } from './daemon-link.ts';
import { isOwnPage } from './windows.ts';

/** The window that asks; it is told of its streams until it is gone. */
export interface PageContents {
  id: number;
  send(channel: string, message: unknown): void;
  isDestroyed(): boolean;
  once(event: 'destroyed', listener: () => void): unknown;
}

export interface IpcEvent {
  sender: PageContents;
  /** null: the frame is gone. */
  senderFrame: { url: string } | null;
}

export interface IpcRegistry {
  handle(channel: string, listener: (event: IpcEvent, request: unknown) => unknown): void;
}

type Handlers = {
  [Name in IpcCallName]: (
    contents: PageContents,
    request: IpcCalls[Name]['request'],
  ) => Promise<IpcCalls[Name]['response']> | IpcCalls[Name]['response'];
};

/** Serves the IPC map to the app's own pages; whatever else asks is refused. */
export function serveIpc(registry: IpcRegistry, link: DaemonLink): void {
  const relays = new Map<number, StreamRelay>();
  const relayOf = (contents: PageContents) => relays.get(contents.id) ?? newRelay(contents);
  const newRelay = (contents: PageContents) => {
    const relay = new StreamRelay(contents, link);
    relays.set(contents.id, relay);
    contents.once('destroyed', () => {
      relay.closeAll();
      relays.delete(contents.id);
    });
    return relay;
  };
  const handlers: Handlers = {
    'control:call': (_contents, { name, request }) => call(link, name, request),
    'stream:open': (contents, request) => relayOf(contents).open(request),
    'stream:acknowledge': (contents, { id }) => relayOf(contents).acknowledge(id),
    'stream:close': (contents, { id }) => relayOf(contents).close(id),
  };
  for (const [name, handler] of Object.entries(handlers)) {
    registry.handle(name, (event, request) => {
      if (!isOwnPage(event.senderFrame?.url ?? '')) throw new Error('only the pages of the app may ask');
      return handler(event.sender, request as never);
    });
  }
}

/** An error's class does not survive the way to the page; its words do. */
async function call(link: DaemonLink, name: OperationName, request: object): Promise<CallOutcome> {
  try {
    if (!Object.hasOwn(operations, name)) throw new Error('the control API has no such call');
    return { ok: true, value: await link.call(name, request as never) };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

interface OpenStream {
  end: AbortController;
  /** Messages that the page has not taken in yet, the oldest first. */
  taken: (() => void)[];
}

/** The streams of one page: each message waits for its acknowledgement, as on the daemon's own socket. */
class StreamRelay {
  readonly #contents: PageContents;
  readonly #link: DaemonLink;
  readonly #streams = new Map<number, OpenStream>();

  constructor(contents: PageContents, link: DaemonLink) {
    this.#contents = contents;
    this.#link = link;
  }

  open({ id, stream, request }: { id: number; stream: StreamName; request: object }): void {
    if (!Object.hasOwn(streams, stream)) throw new Error('the control API has no such stream');
    this.close(id);
    const open: OpenStream = { end: new AbortController(), taken: [] };
    this.#streams.set(id, open);
    const onMessage = (message: unknown) =>
      new Promise<void>((resolve) => {
        open.taken.push(resolve);
        this.#tell('stream:message', { id, message });
      });
    const following = { onMessage, signal: open.end.signal };
    this.#link.follow({ stream, request: request as never }, following).then(
      () => this.#ended(id, open, null),
      (error: Error) => this.#ended(id, open, error.message),
    );
  }

  acknowledge(id: number): void {
    this.#streams.get(id)?.taken.shift()?.();
  }

  close(id: number): void {
    this.#streams.get(id)?.end.abort();
    this.#streams.delete(id);
  }

  closeAll(): void {
    for (const id of [...this.#streams.keys()]) this.close(id);
  }

  #ended(id: number, open: OpenStream, problem: string | null): void {
    if (this.#streams.get(id) !== open) return;
    this.#streams.delete(id);
    this.#tell('stream:end', { id, problem });
  }

  #tell<Name extends IpcMessageName>(name: Name, message: IpcMessages[Name]): void {
    if (!this.#contents.isDestroyed()) this.#contents.send(name, message);
  }
}
