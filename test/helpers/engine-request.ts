import { request } from 'node:http';

export interface EngineAnswer {
  status: number;
  contentType: string;
  body: string;
}

export interface EngineRequest {
  method: string;
  path: string;
  /** Sent as JSON unless it is a string, which goes out as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Answers with what has arrived by then. */
  timeoutMs?: number;
}

/** One request to an engine's socket. */
export function engineRequest(socketPath: string, ask: EngineRequest): Promise<EngineAnswer> {
  const payload =
    ask.body === undefined ? undefined : typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body);
  const headers = { ...(payload !== undefined && { 'Content-Type': 'application/json' }), ...ask.headers };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method: ask.method, path: ask.path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      const finish = () =>
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', finish);
      if (ask.timeoutMs !== undefined) {
        setTimeout(() => {
          finish();
          outgoing.destroy();
        }, ask.timeoutMs).unref();
      }
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}
