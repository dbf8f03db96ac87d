import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidParameterError } from '../../api/index.ts';
import type { Container } from '../../containers/container.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import type { Archive } from '../../containers/files/archive.ts';
import type { PathStat } from '../../containers/files/path-stat.ts';
import { sendJson } from '../json-reply.ts';
import { flag, text } from '../query.ts';
import { referenceOf } from './containers.ts';
import { bodyOf } from './image-archives.ts';

/** docker cp, diff and export. */
export function containerFileRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  app.route({ method: 'HEAD', url: '/containers/:id/archive', handler: head });
  app.route({ method: 'GET', url: '/containers/:id/archive', exposeHeadRoute: false, handler: get });
  app.put('/containers/:id/archive', put);
  app.get('/containers/:id/changes', changes);
  app.get('/containers/:id/export', exportAll);

  async function head(request: FastifyRequest, reply: FastifyReply) {
    const { container, ...file } = asked(request);
    return reply.headers(statHeader(await containers.statFile(container, file))).send();
  }

  async function get(request: FastifyRequest, reply: FastifyReply) {
    const { container, ...file } = asked(request);
    await using archive = await containers.archiveFiles(container, file);
    reply.headers(statHeader(archive.stat));
    await sendTar(request, reply, { archive, contentType: 'application/x-tar' });
  }

  async function put(request: FastifyRequest, reply: FastifyReply) {
    const { container, ...file } = asked(request);
    const noOverwriteDirNonDir = flag(request, 'noOverwriteDirNonDir');
    const copyUidGid = flag(request, 'copyUIDGID');
    await containers.extractFiles(container, { ...file, noOverwriteDirNonDir, copyUidGid, content: bodyOf(request) });
    return reply.status(200).send();
  }

  async function changes(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, await containers.changes(containers.get(referenceOf(request))));
  }

  async function exportAll(request: FastifyRequest, reply: FastifyReply) {
    await using archive = await containers.export(containers.get(referenceOf(request)));
    await sendTar(request, reply, { archive, contentType: 'application/octet-stream' });
  }

  function asked(request: FastifyRequest): { container: Container; path: string; reference: string } {
    const path = text(request, 'path');
    if (path === '') throw new InvalidParameterError('bad parameter: pathcannot be empty');
    const reference = referenceOf(request);
    return { container: containers.get(reference), path, reference };
  }
}

const statHeader = (stat: PathStat) => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
});

interface SentTar {
  archive: Omit<Archive, 'stat'>;
  contentType: string;
}

/**
 * Where nothing else is to come on the connection, tar gets it for itself, if it is one of the kernel's (the host's come
 * as streams of the link). A tar says where it ends, so that a client takes no half of one for the whole.
 */
async function sendTar(request: FastifyRequest, reply: FastifyReply, { archive, contentType }: SentTar): Promise<void> {
  const { socket } = reply.raw;
  if (!(socket instanceof Socket) || request.headers.connection?.toLowerCase() !== 'close')
    return await sendArchive(reply, await archive.start(), contentType);
  reply.hijack();
  reply.raw.useChunkedEncodingByDefault = false;
  const headers = {
    ...(reply.getHeaders() as Record<string, string>),
    'Content-Type': contentType,
    Connection: 'close',
  };
  reply.raw.writeHead(200, headers).flushHeaders();
  reply.raw.detachSocket(socket);
  try {
    await new Promise((resolve) => socket.write('', resolve));
    await archive.sendTo(socket);
    socket.end();
  } catch {
    socket.destroy();
  }
}

/** A failure after the first byte breaks the connection off, so that nobody takes half an archive for a whole one. */
export async function sendArchive(
  reply: FastifyReply,
  archive: { content: NodeJS.ReadableStream; done: Promise<void> },
  contentType: string,
): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'Content-Type': contentType });
  try {
    await pipeline(archive.content, reply.raw, { end: false });
    await archive.done;
    reply.raw.end();
  } catch {
    reply.raw.destroy();
  }
}
