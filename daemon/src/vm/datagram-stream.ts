import { duplexPair, type Duplex } from 'node:stream';
import { serveDatagrams } from '@berth/guest-agent/api';

/** A stream of datagrams to an address that this machine reaches itself. */
export function datagramStream(target: { host: string; port: number }): Duplex {
  const [near, far] = duplexPair();
  serveDatagrams(far, target);
  return near;
}
