import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidParameterError, statusOf } from '../../api/index.ts';
import { refuseAttach } from '../../containers/attach.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { formatLog } from '../../containers/logs/format-log.ts';
import { parseLogTime } from '../../containers/logs/log-time.ts';
import type { LogQuery } from '../../containers/logs/read-logs.ts';
import { parseDetachKeys } from '../../containers/stdio/detach-keys.ts';
import { drained } from '../../containers/stdio/stream-sink.ts';
import { clientLeft } from '../client-left.ts';
import { hijack, streamContentType } from '../hijack.ts';
import { openStream } from '../json-reply.ts';
import { flag, text } from '../query.ts';
import { referenceOf } from './containers.ts';

/** The routes that leave plain request and answer: attach and logs. */
export function containerStreamRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  app.post('/containers/:id/attach', { errorHandler: refuseAsStream }, attach);
  app.get('/containers/:id/logs', logs);

  async function attach(request: FastifyRequest, reply: FastifyReply) {
    const container = containers.get(referenceOf(request));
    const options = {
      logs: flag(request, 'logs'),
      stream: flag(request, 'stream'),
      stdin: flag(request, 'stdin'),
      stdout: flag(request, 'stdout'),
      stderr: flag(request, 'stderr'),
      framed: true,
      detachKeys: parseDetachKeys(text(request, 'detachKeys')),
    };
    refuseAttach(container);
    const contentType = streamContentType(request, container.record.config.Tty);
    const socket = hijack(request, reply, { contentType });
    await containers.attach(container, { options, socket });
  }

  async function logs(request: FastifyRequest, reply: FastifyReply) {
    const query = logQuery(request);
    const container = containers.get(referenceOf(request));
    const { Tty: terminal } = container.record.config;
    const blocks = containers.logs(container, { query, signal: clientLeft(reply) });
    const first = await blocks.next();
    const format = { timestamps: flag(request, 'timestamps'), details: flag(request, 'details'), framed: !terminal };
    const { raw } = reply;
    openStream(reply, terminal ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream');
    for (let step = first; !step.done && !raw.destroyed; step = await blocks.next()) {
      if (!raw.write(formatLog(step.value, format))) await drained(raw);
    }
    raw.end();
  }
}

function logQuery(request: FastifyRequest): LogQuery {
  const [stdout, stderr] = [flag(request, 'stdout'), flag(request, 'stderr')];
  if (!stdout && !stderr) throw new InvalidParameterError('Bad parameters: you must choose at least one stream');
  const tail = text(request, 'tail');
  return {
    stdout,
    stderr,
    follow: flag(request, 'follow'),
    // What is no number means all, as in dockerd.
    tail: /^\d+$/.test(tail) ? Number(tail) : -1,
    sinceNs: parseLogTime(text(request, 'since')),
    untilNs: parseLogTime(text(request, 'until')),
  };
}

/** Whoever attaches has left HTTP in dockerd's eyes: errors, too, are plain text of the stream. */
async function refuseAsStream(error: Error, _request: FastifyRequest, reply: FastifyReply) {
  const headers = { 'Content-Type': 'application/vnd.docker.raw-stream', Connection: 'close' };
  return reply.status(statusOf(error)).headers(headers).send(`${error.message}\r\n`);
}
