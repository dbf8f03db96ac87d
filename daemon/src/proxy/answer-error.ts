import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface ErrorAnswer {
  status: number;
  message: string;
}

/** The machine runs, but its agent does not answer. */
export const unreachable = ({ message }: Error): ErrorAnswer => ({
  status: 503,
  message: `the guest agent cannot be reached: ${message}`,
});

/** An answer of the daemon's own, in the shape every client of the Engine API understands. */
export function answerError(response: ServerResponse, { status, message }: ErrorAnswer): void {
  const body = errorBody(message);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    // The rest of the request's body is not read.
    Connection: 'close',
  });
  response.end(body);
}

/** The same on a stream that is no longer under HTTP's control. */
export function writeError(stream: Duplex, { status, message }: ErrorAnswer): void {
  const body = errorBody(message);
  stream.end(
    `HTTP/1.1 ${status} ${status === 503 ? 'Service Unavailable' : 'Error'}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function errorBody(message: string): string {
  return `${JSON.stringify({ message })}\n`;
}
