import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { execCreateRequest, execStartRequest } from '../../api/engine/requests.ts';
import { InvalidParameterError } from '../../api/index.ts';
import { frame } from '../../api/stdcopy.ts';
import type { ContainerStore } from '../../containers/container-store.ts';
import { createExec } from '../../exec/create-exec.ts';
import type { ExecDependencies } from '../../exec/dependencies.ts';
import { execView } from '../../exec/exec.ts';
import { resizeExec } from '../../exec/resize-exec.ts';
import { claimExec, startAttached, startDetached } from '../../exec/start-exec.ts';
import { olderThan } from '../api-version.ts';
import { hijack, isUpgrade, streamContentType } from '../hijack.ts';
import { readJson } from '../json-body.ts';
import { sendJson, sendNothing } from '../json-reply.ts';
import { referenceOf, terminalSize } from './containers.ts';

export interface ExecRoutesOptions {
  store: ContainerStore;
  exec: ExecDependencies;
}

export function execRoutes(app: FastifyInstance, { store, exec: deps }: ExecRoutesOptions): void {
  app.post('/containers/:id/exec', create);
  app.post('/exec/:id/start', start);
  app.post('/exec/:id/resize', resize);
  app.get('/exec/:id/json', inspect);

  async function create(request: FastifyRequest, reply: FastifyReply) {
    const config = await readJson(request, execCreateRequest);
    if (!config.Cmd?.length) throw new InvalidParameterError('No exec command specified');
    const reference = referenceOf(request);
    const container = store.get(reference);
    return sendJson(reply, { Id: (await createExec(deps, { container, reference }, config)).id }, 201);
  }

  async function inspect(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, execView(deps.execs.get(referenceOf(request))));
  }

  async function resize(request: FastifyRequest, reply: FastifyReply) {
    const size = terminalSize(request);
    await resizeExec(deps, deps.execs.get(referenceOf(request)), size);
    return sendNothing(reply, 200);
  }

  async function start(request: FastifyRequest, reply: FastifyReply) {
    const body = await readJson(request, execStartRequest);
    const exec = deps.execs.get(referenceOf(request));
    const consoleSize = body.Tty && !olderThan(request, '1.42') ? body.ConsoleSize : null;
    const choice = { tty: exec.config.Tty, consoleSize: consoleSize ?? exec.config.ConsoleSize };
    // Whether the process has a terminal was said at create; whether the stream is framed is said here.
    const framed = !body.Tty;
    if (body.Detach) {
      await startDetached(deps, exec, choice);
      return sendNothing(reply, 200);
    }
    if (isUpgrade(request)) claimExec(exec);
    const socket = hijack(request, reply, { contentType: streamContentType(request, !framed) });
    try {
      await startAttached(deps, exec, { choice, socket, framed });
    } catch (error) {
      // The connection has left HTTP: the reason is all that can still be said.
      const reason = Buffer.from(`${(error as Error).message}\r\n`);
      socket.end(framed ? frame('stdout', reason) : reason);
    }
  }
}
