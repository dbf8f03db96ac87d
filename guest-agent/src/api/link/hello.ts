import { randomBytes } from 'node:crypto';

/**
 * How the two ends of a link find each other in a pipe that outlives both. Either end may be new, and what the other's
 * predecessor left in the pipe may begin anywhere in a frame: so a new end reads over everything until a hello that
 * repeats its own random nonce, which nothing written earlier can hold.
 */
export interface Hello {
  /** The sender has found the other end already and sends frames. */
  isUp: boolean;
  /** The sender's. */
  nonce: Buffer;
  /** What the sender last heard from the other end; zeros if nothing. */
  echo: Buffer;
}

const nonceBytes = 16;
/** No frame begins with this byte. */
export const helloFirstByte = 0xbe;
const magic = Buffer.from([helloFirstByte, ...Buffer.from('rth-link/1/')]);

const nonceAt = magic.length + 1;
const echoAt = nonceAt + nonceBytes;
export const helloBytes = echoAt + nonceBytes;
export const noNonce: Buffer = Buffer.alloc(nonceBytes);

export function newNonce(): Buffer {
  return randomBytes(nonceBytes);
}

export function formatHello({ isUp, nonce, echo }: Hello): Buffer {
  return Buffer.concat([magic, Buffer.of(isUp ? 1 : 0), nonce, echo]);
}

/** null: `bytes` begins with something else, or (`partial`) with too little to tell. */
export function parseHello(bytes: Buffer): Hello | 'partial' | null {
  if (!bytes.subarray(0, magic.length).equals(magic.subarray(0, bytes.length))) return null;
  if (bytes.length < helloBytes) return 'partial';
  return {
    isUp: bytes[magic.length] === 1,
    nonce: Buffer.from(bytes.subarray(nonceAt, echoAt)),
    echo: Buffer.from(bytes.subarray(echoAt, helloBytes)),
  };
}

/** Where a hello begins or may begin; -1 if nowhere. */
export function findHello(bytes: Buffer): number {
  for (let at = bytes.indexOf(helloFirstByte); at !== -1; at = bytes.indexOf(helloFirstByte, at + 1)) {
    if (parseHello(bytes.subarray(at)) !== null) return at;
  }
  return -1;
}
