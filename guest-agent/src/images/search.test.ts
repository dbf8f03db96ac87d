import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFilters } from '../api/engine/filters.ts';
import { Registries } from './registry/registries.ts';
import { searchImages } from './search.ts';

const results = [
  { name: 'x', star_count: 10, is_official: true, is_automated: true, description: 'the x' },
  { name: 'some/x', star_count: 1, is_official: false, is_automated: false, description: '' },
];
let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
  response.end(JSON.stringify({ num_results: 2, query: 'x', results }));
});
const registries = new Registries({ userAgent: 'test', insecureRegistries: [] });
let host: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await registries[Symbol.asyncDispose]();
  server.close();
});

const search = (term: string, filters = '', limit = 0) =>
  searchImages(registries, {
    term,
    limit,
    filters: parseFilters(filters),
    credentials: { username: 'bob', password: 'secret' },
    signal: new AbortController().signal,
  });

describe('searchImages', () => {
  it('asks the registry that the term names', async () => {
    asked = [];
    expect(await search(`${host}/a b`)).toEqual([{ ...results[0], is_automated: false }, results[1]]);
    expect(asked).toEqual([`/v1/search?q=a%20b&n=25 Basic ${btoa('bob:secret')}`]);
  });

  it('filters', async () => {
    const names = async (filters: string) => (await search(`${host}/x`, filters)).map(({ name }) => name);
    expect(await names('{"stars":["5"]}')).toEqual(['x']);
    expect(await names('{"is-official":["false"]}')).toEqual(['some/x']);
    expect(await names('{"is-automated":["true"]}')).toEqual([]);
  });

  it.each([
    ['x', '{"nope":["1"]}', 0, "invalid filter 'nope'"],
    ['x', '{"stars":["y"]}', 0, 'invalid filter \'stars=y\': strconv.Atoi: parsing "y": invalid syntax'],
    ['x', '', 101, 'limit 101 is outside the range of [1, 100]'],
    ['https://x/y', '', 0, 'repository name (https://x/y) should not have a scheme'],
  ] as const)('refuses %s %s %s', async (...[term, filters, limit, message]) => {
    await expect(search(term, filters, limit)).rejects.toThrow(message);
  });
});
