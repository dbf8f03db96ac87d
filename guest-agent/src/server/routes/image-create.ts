import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ForbiddenError } from '../../api/index.ts';
import type { Images } from '../../images/images.ts';
import type { Platform } from '../../images/oci.ts';
import { parsePlatform } from '../../images/platform.ts';
import {
  familiarName,
  isDigest,
  parseNamed,
  repoTagReference,
  withDigest,
  withTag,
  type NamedReference,
} from '../../images/reference.ts';
import { decodeCredentials } from '../../images/registry/credentials.ts';
import { olderThan } from '../api-version.ts';
import { streamJson } from '../json-stream.ts';
import { text, texts } from '../query.ts';
import { bodyOf } from './image-archives.ts';

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  platform: Platform | undefined;
}

/** POST /images/create pulls or imports, depending on its parameters. */
export async function createImage(images: Images, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const named = text(request, 'platform');
  const platform = named === '' || olderThan(request, '1.32') ? undefined : parsePlatform(named);
  const create = text(request, 'fromImage') === '' ? importImage : pullImage;
  await create(images, { request, reply, platform });
}

async function pullImage(images: Images, { request, reply, platform }: Exchange): Promise<void> {
  const reference = pullReference(text(request, 'fromImage'), text(request, 'tag'));
  if (familiarName(reference) === 'scratch') throw new ForbiddenError("'scratch' is a reserved name");
  const credentials = registryAuth(request);
  await streamJson(reply, (write, signal) => images.pull(reference, { platform, credentials, write, signal }));
}

/** `tag` may be a digest, and wins over what the name says. */
function pullReference(name: string, tag: string): NamedReference {
  const reference = parseNamed(name.replace(/:$/, ''));
  if (tag === '') return reference;
  return isDigest(tag) ? withDigest(reference, tag) : withTag(reference, tag);
}

export function registryAuth(request: FastifyRequest) {
  const header = request.headers['x-registry-auth'];
  return decodeCredentials(Array.isArray(header) ? header[0] : header);
}

async function importImage(images: Images, { request, reply, platform }: Exchange): Promise<void> {
  const reference = repoTagReference(text(request, 'repo'), text(request, 'tag'));
  const from = text(request, 'fromSrc');
  const message = text(request, 'message') || `Imported from ${from}`;
  const changes = texts(request, 'changes');
  await streamJson(reply, async (write, signal) => {
    const options = { write, signal };
    const source = from === '-' ? bodyOf(request) : Readable.from(await images.openImportSource(from, options));
    const id = await images.import(source, { reference, message, changes, platform, signal });
    write({ status: id });
  });
}
