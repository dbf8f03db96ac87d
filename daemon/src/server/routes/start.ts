import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { StartEvent, StartPhase, StartRequest } from '../../api/status.ts';
import { VmStartError } from '../../vm/driver.ts';
import type { ControlledMachine } from '../control/handlers.ts';

/** Answers with one JSON document a line while the machine starts; a client that leaves gives its wish up. */
export function sendStart(reply: FastifyReply, request: StartRequest, backend: ControlledMachine): FastifyReply {
  const lines = new PassThrough();
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const write = (event: StartEvent) => void lines.write(`${JSON.stringify(event)}\n`);
  const onPhase = (phase: StartPhase) => write({ kind: 'progress', ...phase });
  void backend
    .start(request, { onPhase, signal: left.signal })
    .then(async () => write({ kind: 'done', status: await backend.status() }))
    .catch((error: Error) => write(failure(error)))
    .finally(() => lines.end());
  return reply.type('application/x-ndjson').send(lines);
}

function failure(error: Error): StartEvent {
  const consoleTail = error instanceof VmStartError ? error.consoleTail : '';
  return { kind: 'failed', problem: error.message, consoleTail };
}
