import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { InvalidParameterError, SystemError } from '../api/index.ts';
import { JsonDepthError, parseJson } from '../api/engine/json-number.ts';
import { contentAfterJson, describeSyntaxError } from '../api/engine/json-syntax.ts';
import type { Shape } from '../api/engine/shape.ts';
import { ShapeError } from '../api/engine/shape.ts';

/** A JSON request is a handful of kilobytes; this bounds what a hostile one can make the agent hold. */
const maxBodyBytes = 16 * 1024 * 1024;

/** Reads, parses and checks a JSON body as dockerd's httputils does, with its texts. */
export async function readJson<T>(request: FastifyRequest, shape: Shape<T>): Promise<T> {
  const body = await readBody(request);
  checkContentType(request, body);
  if (body.trim() === '') throw new InvalidParameterError('invalid JSON: got EOF while reading request body');
  return parse(body, shape);
}

/** For the one route that dockerd reads in its own way: no content type is asked for, and what is no JSON is an internal error. */
export async function readAnyJson<T>(request: FastifyRequest, shape: Shape<T>): Promise<T> {
  const body = await readBody(request);
  try {
    return parse(body, shape);
  } catch (error) {
    if (!(error instanceof InvalidParameterError)) throw error;
    throw new SystemError(body.trim() === '' ? 'EOF' : error.message.replace(/^invalid JSON: /, ''), { cause: error });
  }
}

/** As {@link readJson}, for routes whose body may be left out: null then. */
export async function readOptionalJson<T>(request: FastifyRequest, shape: Shape<T>): Promise<T | null> {
  const body = await readBody(request);
  if (body.trim() === '') return null;
  checkContentType(request, body);
  return parse(body, shape);
}

function parse<T>(body: string, shape: Shape<T>): T {
  try {
    return shape.decode(parseJson(body), shape.name ?? '');
  } catch (error) {
    if (error instanceof ShapeError || error instanceof JsonDepthError)
      throw new InvalidParameterError(`invalid JSON: ${error.message}`, { cause: error });
    const problem = describeSyntaxError(body);
    const prefix = problem === contentAfterJson ? '' : 'invalid JSON: ';
    throw new InvalidParameterError(`${prefix}${problem}`, { cause: error });
  }
}

function checkContentType(request: FastifyRequest, body: string): void {
  const header = request.headers['content-type'];
  if (header === undefined && body === '') return;
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  if (!type) throw new InvalidParameterError(`malformed Content-Type header (): mime: no media type`);
  throw new InvalidParameterError(`unsupported Content-Type header (${header}): must be 'application/json'`);
}

async function readBody(request: FastifyRequest): Promise<string> {
  const stream = request.body as Readable | undefined;
  if (!stream) return '';
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += (chunk as Buffer).length;
    if (length > maxBodyBytes)
      throw new InvalidParameterError(`request body too large: the limit is ${maxBodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
