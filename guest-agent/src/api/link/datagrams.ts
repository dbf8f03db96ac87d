import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Datagrams on a stream: each has its length before it, two bytes, most significant first. What a full stream cannot
 * take at once is lost, as datagrams are.
 */
export function writeDatagram(stream: Duplex, datagram: Buffer): void {
  if (stream.destroyed || stream.writableNeedDrain) return;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(datagram.length);
  stream.write(Buffer.concat([length, datagram]));
}

/** Calls `onDatagram` with each whole datagram that the stream brings. */
export function readDatagrams(stream: Duplex, onDatagram: (datagram: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const end = 2 + received.readUInt16BE(0);
      if (received.length < end) return;
      onDatagram(received.subarray(2, end));
      received = received.subarray(end);
    }
  });
}

/** Carries the datagrams of a stream to a UDP address and its answers back, until the stream ends. */
export function serveDatagrams(stream: Duplex, { host, port }: { host: string; port: number }): void {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  // Nobody there now may be there for the next one.
  socket.on('error', () => undefined);
  socket.on('message', (datagram) => writeDatagram(stream, datagram));
  let isOpen = true;
  const close = () => {
    if (isOpen) socket.close();
    isOpen = false;
    stream.destroy();
  };
  stream.on('error', close).once('end', close).once('close', close);
  readDatagrams(stream, (datagram) => isOpen && socket.send(datagram, port, host, () => undefined));
}
