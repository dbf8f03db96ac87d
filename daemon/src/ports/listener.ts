import type { Duplex } from 'node:stream';
import type { DialTarget } from '../vm/driver.ts';

/** A port that is bound on this host; disposing frees it and cuts what runs through it. */
export interface PortListener extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

export interface ListenOptions {
  address: string;
  port: number;
  target: { host: string; port: number };
}

/** Opens a stream to an address inside the guest. */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Duplex>;
