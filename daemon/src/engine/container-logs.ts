import { withQuery } from '../api/operations.ts';
import type { Output } from '../api/streams.ts';
import type { EngineClient } from './engine-client.ts';
import { Demultiplexer } from './demultiplex.ts';

export interface LogsOfContainer {
  id: string;
  /** How many lines come first. */
  tail: number;
}

/**
 * A container's output, its last lines first, until it ends. It is read no faster than it is taken, and what has
 * gathered meanwhile (up to a stream's buffer) comes in one go.
 */
export async function* containerLogs(
  engine: EngineClient,
  { id, tail }: LogsOfContainer,
  signal: AbortSignal,
): AsyncGenerator<Output> {
  const query = { follow: 1, stdout: 1, stderr: 1, tail };
  const path = withQuery(`/containers/${encodeURIComponent(id)}/logs`, query);
  const answer = await engine.open({ path, signal });
  const framed = answer.headers['content-type'] !== 'application/vnd.docker.raw-stream';
  const demultiplexer = new Demultiplexer(framed);
  for await (const chunk of answer) {
    const pieces = demultiplexer.push(chunk as Buffer);
    if (pieces.length > 0) yield { pieces };
  }
}
