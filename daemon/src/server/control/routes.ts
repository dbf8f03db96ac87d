import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { operations, type OperationName } from '../../api/operations.ts';
import { streams, type StreamName, type StreamRequest } from '../../api/streams.ts';
import type { Handlers } from './handlers.ts';
import { parseRequest } from './request-schemas.ts';
import { streamOut } from './stream-out.ts';

/** Where each stream comes from. */
export type Streams = {
  [Name in StreamName]: (request: StreamRequest<Name>, signal: AbortSignal) => AsyncIterable<object>;
};

export interface ControlRoutes {
  handlers: Handlers;
  streams: Streams;
  /** Answers an operation in another way than with its result, if the request asks for that. */
  instead?: Partial<Record<OperationName, (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null>>;
}

/** The control API, version 1: an HTTP route for each operation, a WebSocket for each stream. */
export function controlRoutes(app: FastifyInstance, routes: ControlRoutes): void {
  for (const name of Object.keys(operations) as OperationName[]) operationRoute(app, name, routes);
  for (const name of Object.keys(streams) as StreamName[]) streamRoute(app, name, routes.streams);
}

function operationRoute(app: FastifyInstance, name: OperationName, { handlers, instead }: ControlRoutes): void {
  const { method, path } = operations[name];
  app.route({
    method,
    url: path,
    handler: async (request, reply) => {
      const asked: never = parseRequest(name, method === 'GET' ? request.query : request.body);
      return instead?.[name]?.(request, reply) ?? handlers[name](asked);
    },
  });
}

function streamRoute(app: FastifyInstance, name: StreamName, all: Streams): void {
  app.get(streams[name], { websocket: true, preHandler: checked(name) }, (socket: WebSocket, request) => {
    const asked: never = parseRequest(name, request.query);
    void streamOut(socket, (signal) => all[name](asked, signal));
  });
}

/** Before there is a socket, a malformed request can still be told so. */
function checked(name: StreamName) {
  return async (request: FastifyRequest) => void parseRequest(name, request.query);
}
