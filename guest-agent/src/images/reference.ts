import { InvalidParameterError } from '../api/errors.ts';

/** A name in some registry, with a tag, a digest, both or neither. */
export interface NamedReference {
  /** Registry host with optional port, e.g. docker.io or [::1]:5000. */
  readonly domain: string;
  /** Repository inside the registry, e.g. library/busybox. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A digest alone. */
export interface DigestReference {
  readonly digest: string;
}

export type Reference = NamedReference | DigestReference;

const defaultDomain = 'docker.io';
const legacyDomain = 'index.docker.io';
const officialPrefix = 'library/';
const defaultTag = 'latest';
const maxNameLength = 255;

const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = `(?:${label}(?:\\.${label})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const component = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const pathPattern = `${component}(?:/${component})*`;
const tagPattern = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

const wholeReference = new RegExp(`^(${domainPattern})/(${pathPattern})(?::(${tagPattern}))?(?:@(${digestPattern}))?$`);
const wholeTag = new RegExp(`^${tagPattern}$`);
const identifier = /^[a-f0-9]{64}$/;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

export const isNamed = (reference: Reference): reference is NamedReference => 'path' in reference;

/** True for a complete digest of a known algorithm. */
export function isDigest(text: string): boolean {
  const [algorithm = '', hex = '', ...rest] = text.split(':');
  return rest.length === 0 && digestLengths[algorithm] === hex.length && /^[a-f0-9]+$/.test(hex);
}

/** A full id, a digest or a name, in this order of preference. */
export function parseAnyReference(text: string): Reference {
  if (identifier.test(text)) return { digest: `sha256:${text}` };
  if (isDigest(text)) return { digest: text };
  return parseNamed(text);
}

/** A name as people write it: `busybox` is docker.io/library/busybox. Tag and digest stay as given. */
export function parseNamed(text: string): NamedReference {
  if (identifier.test(text)) {
    throw new InvalidParameterError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { domain, remainder } = splitDomain(text);
  const remote = remainder.split(':', 1)[0] ?? '';
  if (remote.toLowerCase() !== remote) {
    throw new InvalidParameterError(`invalid reference format: repository name (${remote}) must be lowercase`);
  }
  return parseFull(`${domain}/${remainder}`);
}

/** A reference that already has its domain. */
function parseFull(text: string): NamedReference {
  const match = wholeReference.exec(text);
  if (!match?.[1] || !match[2]) throw new InvalidParameterError('invalid reference format');
  const [, domain, path, tag, digest] = match;
  if (path.length > maxNameLength) {
    throw new InvalidParameterError(`repository name must not be more than ${maxNameLength} characters`);
  }
  if (digest !== undefined && !isDigest(digest)) throw new InvalidParameterError(digestProblem(digest));
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function digestProblem(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  const length = digestLengths[algorithm];
  if (length === undefined) return 'unsupported digest algorithm';
  return hex.length === length ? 'invalid checksum digest format' : 'invalid checksum digest length';
}

function splitDomain(text: string): { domain: string; remainder: string } {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  let domain = isDomain ? first : defaultDomain;
  let remainder = isDomain ? text.slice(slash + 1) : text;
  if (domain === legacyDomain) domain = defaultDomain;
  if (domain === defaultDomain && !remainder.includes('/')) remainder = officialPrefix + remainder;
  return { domain, remainder };
}

/** `repo` and `tag` parameters of the API; undefined when there is no repo. The tag may be a digest. */
export function repoTagReference(repo: string, tag: string): NamedReference | undefined {
  if (repo === '') return undefined;
  const reference = parseNamed(repo);
  if (reference.digest !== undefined) throw new InvalidParameterError('cannot import digest reference');
  return tag === '' ? withDefaultTag(reference) : withTag(reference, tag);
}

export function withTag(reference: NamedReference, tag: string): NamedReference {
  if (!wholeTag.test(tag)) throw new InvalidParameterError('invalid tag format');
  return { ...reference, tag };
}

export const withDigest = ({ domain, path }: NamedReference, digest: string): NamedReference => ({
  domain,
  path,
  digest,
});

export const isNameOnly = (reference: NamedReference): boolean =>
  reference.tag === undefined && reference.digest === undefined;

/** Adds `latest` where there is neither tag nor digest. */
export const withDefaultTag = (reference: NamedReference): NamedReference =>
  isNameOnly(reference) ? { ...reference, tag: defaultTag } : reference;

/** Name with its registry: docker.io/library/busybox. */
export const fullName = ({ domain, path }: NamedReference): string => `${domain}/${path}`;

/** Name as people write it: busybox. */
export function familiarName({ domain, path }: NamedReference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path;
  return short.includes('/') ? path : short;
}

const suffix = ({ tag, digest }: NamedReference): string =>
  (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);

/** docker.io/library/busybox:latest, the name under which containerd knows an image. */
export const fullString = (reference: NamedReference): string => fullName(reference) + suffix(reference);

/** busybox:latest, or the digest of a reference that is nothing else. */
export const familiarString = (reference: Reference): string =>
  isNamed(reference) ? familiarName(reference) + suffix(reference) : reference.digest;

/** The hexadecimal part of a possible (short) image id, undefined when it cannot be one. */
export function shortIdOf(text: string): string | undefined {
  const hex = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text;
  return /^[0-9a-f]{4,64}$/.test(hex) ? hex : undefined;
}
