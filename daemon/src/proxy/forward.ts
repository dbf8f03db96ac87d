import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { maxHeaderBytes, type AgentTarget } from './agent-target.ts';
import { answerError, unreachable } from './answer-error.ts';
import { bodyFraming, endToEnd, has, pairs } from './headers.ts';

/**
 * Streams a request to the agent and the answer back, as they are. Whichever side leaves, the other is released at
 * once; an agent that breaks off in the middle of an answer makes the client's connection break off too.
 */
export function forward(request: IncomingMessage, response: ServerResponse, target: AgentTarget): void {
  if (!target.agent) return answerError(response, { status: 503, message: target.reason });
  send({ request, response, agent: target.agent });
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  agent: Agent;
}

function send(exchange: Exchange): void {
  const { request, response, agent } = exchange;
  const method = request.method ?? 'GET';
  const onward = httpRequest({
    agent,
    method,
    path: request.url,
    headers: [...endToEnd(request.rawHeaders), ...bodyFraming(method, request.rawHeaders)],
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
  const left = () => onward.destroy();
  response.once('close', left);
  onward.once('response', (answer) => relay(answer, response));
  onward.on('error', (error) => {
    response.off('close', left);
    broken(exchange, onward, error);
  });
  carryBody(request, onward);
}

function carryBody(request: IncomingMessage, onward: ClientRequest): void {
  if (request.readableEnded) return void onward.end();
  request.pipe(onward, { end: false });
  request.once('end', () => {
    if (request.rawTrailers.length > 0) onward.addTrailers(pairs(request.rawTrailers));
    onward.end();
  });
  request.once('close', () => {
    if (!request.complete) onward.destroy();
  });
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  if (response.req.method !== 'HEAD' && endsWithConnection(answer)) {
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
  }
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', endToEnd(answer.rawHeaders));
  // A stream of events or logs may have nothing to say for hours, but has begun.
  response.flushHeaders();
  answer.pipe(response, { end: false });
  answer.once('end', () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers));
    response.end();
  });
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
  answer.on('error', () => response.destroy());
}

/** A hijacked stream that was not asked for as an upgrade: its bytes come as they are, up to the end. */
function endsWithConnection({ rawHeaders, statusCode }: IncomingMessage): boolean {
  const hasBody = statusCode !== 204 && statusCode !== 304;
  return hasBody && !has(rawHeaders, 'content-length') && !has(rawHeaders, 'transfer-encoding');
}

/** A pooled stream may have died while it was idle: what had no body and changes nothing is asked again. */
function broken(exchange: Exchange, onward: ClientRequest, error: Error): void {
  const { request, response } = exchange;
  if (response.destroyed || response.headersSent) return void response.destroy();
  const harmless = (request.method === 'GET' || request.method === 'HEAD') && request.complete;
  if (onward.reusedSocket && harmless) return send(exchange);
  request.unpipe(onward);
  answerError(response, unreachable(error));
}
