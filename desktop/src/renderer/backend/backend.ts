import type {
  OperationName,
  OperationRequest,
  OperationResponse,
  StreamMessage,
  StreamName,
  StreamRequest,
} from '@berth/daemon/api';

export interface Following<Name extends StreamName> {
  /** Called in order. What it returns is waited for before many more are sent, not before the next one. */
  onMessage: (message: StreamMessage<Name>) => void | Promise<void>;
  signal: AbortSignal;
}

/** How pages reach the daemon: over HTTP in a browser, over IPC in the app. */
export interface Backend {
  /** Rejects with the daemon's own words. */
  call<Name extends OperationName>(name: Name, request: OperationRequest<Name>): Promise<OperationResponse<Name>>;
  /** Resolves when the stream has ended or the signal aborts, rejects when it breaks. */
  follow<Name extends StreamName>(
    stream: Name,
    request: StreamRequest<Name>,
    following: Following<Name>,
  ): Promise<void>;
}
