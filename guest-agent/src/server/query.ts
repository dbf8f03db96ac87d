import type { FastifyRequest } from 'fastify';
import { parseInteger, syntaxError } from '../api/engine/strconv.ts';
import { SystemError } from '../api/index.ts';

type Query = Record<string, string | string[] | undefined>;

/** First value of a query parameter; '' when absent. */
export function text(request: FastifyRequest, name: string): string {
  const value = (request.query as Query)[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** Every value of a repeated query parameter. */
export function texts(request: FastifyRequest, name: string): string[] {
  const value = (request.query as Query)[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function has(request: FastifyRequest, name: string): boolean {
  return (request.query as Query)[name] !== undefined;
}

const falsehoods = new Set(['', '0', 'no', 'false', 'none']);

/** Docker's notion of a boolean parameter: anything but '', 0, no, false and none is true. */
export function flag(request: FastifyRequest, name: string, absent = false): boolean {
  return has(request, name) ? !falsehoods.has(text(request, name).trim().toLowerCase()) : absent;
}

/** Whole number; `absent` when the parameter is missing or empty. Go's sentence, and dockerd's 500, when it is no number. */
export function integer<T>(request: FastifyRequest, name: string, absent: T): number | T {
  const value = text(request, name);
  if (value === '') return absent;
  const parsed = parseInteger(value);
  if (parsed === null) throw new SystemError(syntaxError('Atoi', value));
  return parsed;
}
