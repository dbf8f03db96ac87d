import type { FastifyRequest } from 'fastify';
import { InvalidParameterError } from '../api/index.ts';
import type { Platform } from '../images/oci.ts';
import { text, texts } from './query.ts';

/** A platform as JSON; undefined when the parameter is empty. */
export function decodePlatform(json: string): Platform | undefined {
  if (json === '') return undefined;
  const given = parse(json);
  const optional = [given.variant, given['os.version'], given['os.features']].some((value) => value?.length);
  if (!given.os && !given.architecture && optional) {
    throw new InvalidParameterError('optional platform fields provided, but OS and Architecture are missing');
  }
  if (!given.os || !given.architecture) {
    throw new InvalidParameterError('both OS and Architecture must be provided');
  }
  return given as Platform;
}

/** The `platform` parameter of routes that take at most one. */
export function platformParameter(request: FastifyRequest): Platform | undefined {
  if (texts(request, 'platform').length > 1) {
    throw new InvalidParameterError('multiple platform parameters not supported');
  }
  return decodePlatform(text(request, 'platform'));
}

function parse(json: string): Partial<Platform> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
    return value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidParameterError(`failed to parse platform: ${reason}`, { cause: error });
  }
}
