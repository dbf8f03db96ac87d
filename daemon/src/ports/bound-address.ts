import { isIPv6 } from 'node:net';

interface Binder {
  platform: NodeJS.Platform;
  /** Of the process; null where the system has none. */
  userId: number | null;
}

const firstUnreserved = 1024;

/**
 * Where a TCP port is bound that is to be on `address`. macOS gives ports below 1024 to anybody, but only on every
 * address at once (XNU, in_pcbbind, since macOS 10.14); its clients are looked at one by one then.
 */
export function boundAddress(address: string, port: number, { platform, userId }: Binder = thisProcess): string {
  const isGiven = platform !== 'darwin' || userId === 0 || port >= firstUnreserved;
  if (isGiven) return address;
  return isIPv6(address) ? '::' : '0.0.0.0';
}

const thisProcess: Binder = { platform: process.platform, userId: process.getuid?.() ?? null };
