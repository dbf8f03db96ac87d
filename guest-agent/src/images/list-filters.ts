import { hasLabel, type Filters } from '../api/engine/filters.ts';
import { InvalidParameterError, NotFoundError, SystemError } from '../api/errors.ts';
import { toEpochMs } from '../containerd/timestamp.ts';
import type { Blobs } from './blobs.ts';
import { isDangling, referenceOf, targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { bestPresent } from './manifests.ts';
import { isConfig, type ImageConfig } from './oci.ts';
import { familiarName, familiarString } from './reference.ts';
import { untilMs } from './until.ts';

export type ImageFilter = (image: ImageRecord) => Promise<boolean> | boolean;

export interface FilterBackend {
  blobs: Blobs;
  store: ImageStore;
}

/** True for the images that pass every filter. The names of the filters have been checked before. */
export async function imageFilter(backend: FilterBackend, filters: Filters): Promise<ImageFilter> {
  const checks: ImageFilter[] = [];
  for (const text of filters.get('before')) checks.push(await comparedTo(backend, text, (a, b) => a < b));
  for (const text of filters.get('since')) checks.push(await comparedTo(backend, text, (a, b) => a > b));
  for (const text of filters.get('until')) {
    const limitMs = limitOf(text);
    checks.push(({ createdAt }) => toEpochMs(createdAt) < limitMs);
  }
  checks.push(...labelChecks(backend, filters));
  if (filters.has('dangling')) {
    const wanted = filters.flag('dangling', false);
    checks.push((image) => isDangling(image) === wanted);
  }
  if (filters.get('reference').length > 0) checks.push(referenceCheck(filters.get('reference')));
  return async (image) => {
    for (const check of checks) if (!(await check(image))) return false;
    return true;
  };
}

/** dockerd takes a wrong one for a failure of its own, here and nowhere else. */
function limitOf(until: string): number {
  try {
    return untilMs(until, Date.now());
  } catch (error) {
    throw error instanceof InvalidParameterError ? new SystemError(error.message, { cause: error }) : error;
  }
}

async function comparedTo(
  backend: FilterBackend,
  text: string,
  compare: (candidate: number, limit: number) => boolean,
): Promise<ImageFilter> {
  const limit = await createdMs(backend, await backend.store.resolve(text));
  if (limit === undefined) return () => true;
  return async (image) => {
    const candidate = await createdMs(backend, image).catch(ignoreMissing);
    return candidate !== undefined && compare(candidate, limit);
  };
}

async function createdMs({ blobs }: FilterBackend, image: ImageRecord): Promise<number | undefined> {
  const { created } = (await bestPresent(blobs, image)).config;
  return created === undefined ? undefined : Date.parse(created);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}

function labelChecks({ blobs }: FilterBackend, filters: Filters): ImageFilter[] {
  const wanted = filters.get('label').map((text) => labelCheck(text, false));
  const unwanted = filters.get('label!').map((text) => labelCheck(text, true));
  const checks = [...wanted, ...unwanted];
  if (checks.length === 0) return [];
  const anyConfig: ImageFilter = async (image) => {
    for await (const descriptor of blobs.walkPresent(targetOf(image))) {
      if (!isConfig(descriptor.mediaType)) continue;
      const labels = (await blobs.readJson<ImageConfig>(descriptor)).config?.Labels ?? {};
      if (checks.every((check) => check(labels))) return true;
    }
    return false;
  };
  return [anyConfig];
}

/** A negated `key=value` still asks for the key, with another value, as Docker has it. */
function labelCheck(text: string, negated: boolean): (labels: Record<string, string>) => boolean {
  const [, key = '', bang, value] = /^([^=]*?)(!?)(=.*)?$/s.exec(text) ?? [];
  const negate = negated !== (bang === '!');
  if (value === undefined) return (labels) => hasLabel(labels, key) !== negate;
  return (labels) => Object.hasOwn(labels, key) && hasLabel(labels, key + value) !== negate;
}

function referenceCheck(patterns: string[]): ImageFilter {
  const expressions = patterns.map(globExpression);
  return (image) => {
    const reference = referenceOf(image);
    if (!reference) return false;
    const names = [familiarString(reference), familiarName(reference)];
    return expressions.some((expression) => names.some((name) => expression?.test(name)));
  };
}

/** Go's path.Match: `*` and `?` stop at a slash. Undefined for a malformed pattern, which matches nothing. */
export function globExpression(pattern: string): RegExp | undefined {
  let malformed = false;
  const source = pattern.replace(/\\(.)|\[\^?[^\]]+\]|[*?]|[.+^${}()|[\]\\]/gs, (found, escaped?: string) => {
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
    malformed ||= found === '[' || found === '\\';
    return found.length > 1 ? found : `\\${found}`;
  });
  return malformed ? undefined : new RegExp(`^${source}$`, 's');
}
