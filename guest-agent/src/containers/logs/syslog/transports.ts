import { SystemError } from '../../../api/index.ts';
import type { Endpoint } from '../remote/endpoint.ts';
import { StreamTransport } from '../remote/stream-transport.ts';
import type { Transport } from '../remote/transport.ts';
import { UdpTransport } from '../remote/udp-transport.ts';
import { unixSocketType } from '../remote/unix-socket-type.ts';
import { UnixgramTransport } from '../remote/unixgram-transport.ts';

/** As in dockerd, a broken connection is opened again once before lines are lost. */
const once = { attempts: 1, delayMs: 0 };

const localPaths = ['/dev/log', '/var/run/syslog', '/var/run/log'];

export function syslogTransport(endpoint: Endpoint): Transport {
  if (endpoint.network === 'unixgram') return new UnixgramTransport(endpoint.path);
  return endpoint.network === 'udp' ? new UdpTransport(endpoint) : new StreamTransport(endpoint, once);
}

/** The machine's own syslog, wherever it listens. */
export async function localSyslog(): Promise<Transport> {
  const types = await Promise.all(localPaths.map(unixSocketType));
  for (const wanted of ['unixgram', 'unix'] as const) {
    const path = localPaths[types.indexOf(wanted)];
    if (path !== undefined) return syslogTransport({ network: wanted, path });
  }
  throw new SystemError('Unix syslog delivery error');
}
