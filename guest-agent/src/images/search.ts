import type { Filters } from '../api/engine/filters.ts';
import type { ImageSearchResult } from '../api/engine/image.ts';
import { InvalidParameterError, SystemError } from '../api/errors.ts';
import { loginOf, type RegistryCredentials } from './registry/credentials.ts';
import { readUpTo } from './registry/read-text.ts';
import type { Registries } from './registry/registries.ts';
import { reasonOf, RegistryConnectionError } from './registry/registry-errors.ts';
import type { RegistryHost } from './registry/hosts.ts';

export interface SearchOptions {
  term: string;
  /** At most so many; 0 for the default of 25. */
  limit: number;
  filters: Filters;
  credentials: RegistryCredentials | undefined;
  signal: AbortSignal;
}

const accepted = ['is-automated', 'is-official', 'stars'];
const defaultLimit = 25;
const maxLimit = 100;
const maxAnswerBytes = 4 * 1024 * 1024;

/** GET /images/search, by the search of Docker's first registry API, which is the one that there is. */
export async function searchImages(registries: Registries, options: SearchOptions): Promise<ImageSearchResult[]> {
  const { filters } = options;
  filters.validate(accepted);
  if (filters.flag('is-automated', false)) return [];
  const isOfficial = filters.has('is-official') ? filters.flag('is-official', false) : undefined;
  const minStars = Math.max(0, ...filters.get('stars').map(starsOf));
  const found = await askIndex(registries, options);
  return found
    .filter((result) => isOfficial === undefined || result.is_official === isOfficial)
    .filter((result) => !filters.has('stars') || result.star_count >= minStars)
    .map((result) => ({ ...result, is_automated: false }));
}

function starsOf(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new InvalidParameterError(
    `invalid filter 'stars=${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

async function askIndex(registries: Registries, options: SearchOptions): Promise<ImageSearchResult[]> {
  const { term, credentials, signal } = options;
  const limit = options.limit === 0 ? defaultLimit : options.limit;
  if (/^https?:\/\//.test(term)) {
    throw new InvalidParameterError(`invalid repository name: repository name (${term}) should not have a scheme`);
  }
  const { host, name } = await indexOf(registries, term);
  if (limit < 1 || limit > maxLimit) {
    throw new InvalidParameterError(`limit ${limit} is outside the range of [1, ${maxLimit}]`);
  }
  const url = registries.transport.urlFor(host, `/v1/search?q=${encodeURIComponent(name)}&n=${limit}`);
  const login = credentials && loginOf(credentials);
  const headers: Record<string, string> = { 'X-Docker-Token': 'true' };
  if (login) headers.Authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const response = await registries.transport.send(host, { method: 'GET', url, headers, signal }).catch(explain(url));
  const bytes = await readUpTo(response.body, maxAnswerBytes);
  if (response.status !== 200) throw new SystemError(`Unexpected status code ${response.status}`);
  return resultsIn(bytes);
}

/** Docker Hub's index unless the term starts with a registry. */
async function indexOf(registries: Registries, term: string): Promise<{ host: RegistryHost; name: string }> {
  const slash = term.indexOf('/');
  const first = slash < 0 ? '' : term.slice(0, slash);
  const isHub = !(/[.:]/.test(first) || first === 'localhost') || /^(index\.)?docker\.io$/.test(first);
  if (!isHub) return { host: await registries.hostOf(first), name: term.slice(slash + 1) };
  const name = /^(index\.)?docker\.io$/.test(first) ? term.slice(slash + 1) : term;
  return { host: { host: 'index.docker.io', insecure: false }, name: name.replace(/^library\//, '') };
}

function resultsIn(bytes: Buffer): ImageSearchResult[] {
  try {
    const { results } = JSON.parse(bytes.toString('utf8')) as { results?: Array<Partial<ImageSearchResult>> };
    return (results ?? []).map((result) => ({
      star_count: Number(result.star_count ?? 0),
      is_official: Boolean(result.is_official),
      name: String(result.name ?? ''),
      is_automated: false,
      description: String(result.description ?? ''),
    }));
  } catch (error) {
    throw new SystemError('error decoding registry search results', { cause: error });
  }
}

function explain(url: URL): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof RegistryConnectionError)) throw error;
    throw new SystemError(`Get ${JSON.stringify(url.href)}: ${reasonOf(url, error.cause)}`, { cause: error });
  };
}
