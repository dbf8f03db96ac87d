/** Carries ready payloads to a server: one datagram each, or one after the other on a connection. */
export interface Transport {
  /** Fails with a dial error in Go's words. */
  open(signal: AbortSignal): Promise<void>;
  /** Settles when all are out of this process. One call at a time. A broken way is opened again as the kind allows. */
  send(payloads: readonly Buffer[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
