import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server that keeps what it is told. */
export interface LogServer extends AsyncDisposable {
  readonly port: number;
  /** All that all clients have sent. */
  readonly received: Buffer[];
  text(): string;
  /** Waits until the text so far satisfies. */
  until(isEnough: (text: string) => boolean): Promise<void>;
  /** Breaks the connections off; the server goes on. */
  hangUp(): void;
  /** Stops reading, or goes on. */
  pause(isPaused: boolean): void;
}

interface ServerOptions {
  listen?: ListenOptions;
  tls?: TlsOptions;
  answer?: (socket: Socket, chunk: Buffer) => void;
}

/** TCP, TLS or unix. */
export async function streamServer({ listen, tls, answer }: ServerOptions = {}): Promise<LogServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const news = new News();
  let isPaused = false;
  const serve = (socket: Socket) => {
    sockets.add(socket);
    if (isPaused) socket.pause();
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      answer?.(socket, chunk);
      news.tell();
    });
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    if (isPaused) socket.pause();
  };
  const server: Server = tls ? createTlsServer(tls, serve) : createTcpServer(serve);
  server.listen(listen ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const hangUp = () => sockets.forEach((socket) => socket.resetAndDestroy());
  return {
    port: (server.address() as AddressInfo).port,
    ...{ received, hangUp },
    ...texts(received, news),
    pause(paused) {
      isPaused = paused;
      for (const socket of sockets) if (paused) socket.pause(); else socket.resume(); // prettier-ignore
    },
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

export async function udpServer(): Promise<LogServer> {
  const received: Buffer[] = [];
  const news = new News();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.on('message', (message) => {
    received.push(message);
    news.tell();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    received,
    ...texts(received, news),
    hangUp: () => undefined,
    pause: () => undefined,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

class News {
  #wake: () => void = () => undefined;
  next(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
  tell(): void {
    this.#wake();
  }
}

function texts(received: Buffer[], news: News): Pick<LogServer, 'text' | 'until'> {
  const text = () => Buffer.concat(received).toString();
  return {
    text,
    async until(isEnough) {
      while (!isEnough(text())) await news.next();
    },
  };
}
