import type { FastifyRequest } from 'fastify';
import { describeSyntaxError } from '../api/engine/json-syntax.ts';
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
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new InvalidParameterError(`failed to parse platform: ${describeSyntaxError(json)}`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (value === null) return {};
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new InvalidParameterError(
    `failed to parse platform: json: cannot unmarshal ${kind} into Go value of type v1.Platform`,
  );
}
