import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { splice } from '../streams/splice.ts';
import { maxHeaderBytes, type AgentTarget } from './agent-target.ts';
import { unreachable, writeError } from './answer-error.ts';
import { bodyFraming, endToEnd, pairs } from './headers.ts';

/** What Node's 'upgrade' event hands over. */
export interface UpgradeRequest {
  /** Its body, if it has one, is read from here. */
  request: IncomingMessage;
  client: Duplex;
  /** What the client sent behind the request, as far as Node has read it. */
  head: Buffer;
}

/**
 * Hijacked connections (attach, exec, /session, /grpc, websockets): the request goes on with its body, and once the
 * agent has answered 101 the two connections are one. Any other answer is relayed and ends the connection.
 */
export function upgrade({ request, client, head }: UpgradeRequest, target: AgentTarget): void {
  client.on('error', () => client.destroy());
  if (head.length > 0) client.unshift(head);
  if (!target.agent) return writeError(client, { status: 503, message: target.reason });
  const onward = ask(request, target.agent);
  const left = () => onward.destroy();
  client.once('close', left);
  onward.once('upgrade', (answer, guest: Duplex, behind) => {
    client.off('close', left);
    if (behind.length > 0) guest.unshift(behind);
    join(client, guest, answer);
  });
  onward.once('response', (answer) => relayRefusal(answer, client));
  onward.once('error', (error) => {
    if (!client.destroyed && !client.writableEnded) {
      writeError(client, unreachable(error));
    }
  });
}

function ask(request: IncomingMessage, agent: Agent): ClientRequest {
  const method = request.method ?? 'GET';
  const upgradeTo = request.headers.upgrade ?? 'tcp';
  const onward = httpRequest({
    agent,
    method,
    path: request.url,
    headers: [
      ...endToEnd(request.rawHeaders),
      ...bodyFraming(method, request.rawHeaders),
      'Connection',
      'Upgrade',
      'Upgrade',
      upgradeTo,
    ],
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
  request.pipe(onward);
  request.once('close', () => {
    if (!request.complete) onward.destroy();
  });
  return onward;
}

function join(client: Duplex, guest: Duplex, answer: IncomingMessage): void {
  guest.on('error', () => guest.destroy());
  if (client.destroyed) return void guest.destroy();
  client.write(headText(answer, answer.rawHeaders));
  void splice(client, guest);
}

function relayRefusal(answer: IncomingMessage, client: Duplex): void {
  client.write(headText(answer, [...endToEnd(answer.rawHeaders), 'Connection', 'close']));
  answer.pipe(client);
  answer.once('close', () => {
    if (!answer.complete) client.destroy();
  });
  client.resume();
}

function headText({ statusCode, statusMessage }: IncomingMessage, rawHeaders: readonly string[]): string {
  const lines = pairs(rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join('')}\r\n`;
}
