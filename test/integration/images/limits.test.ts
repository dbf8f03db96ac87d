import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, ociArchive, type TestImage } from './oci-image.ts';
import { startTestRegistry, type TestRegistry } from './registry.ts';

const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let registry: TestRegistry;
let image: TestImage;

beforeAll(async () => {
  engine = stack.use(
    await startImageEngine({ maxConcurrentDownloads: 2, maxConcurrentUploads: 3, maxDownloadAttempts: 2 }),
  );
  client = engine.client;
  image = await buildImage({ layers: Array.from({ length: 6 }, () => ({ a: randomBytes(1000) })) });
});
afterAll(() => stack.disposeAsync());
beforeEach(async (context) => {
  registry = await startTestRegistry();
  context.onTestFinished(() => registry[Symbol.asyncDispose]());
  registry.put('x', '1', image);
});

/** Answers once so many wait, and says how many waited at most. */
function inGroups(size: number, answer: (response: ServerResponse, digest: string) => void) {
  const waiting: Array<() => void> = [];
  const seen = { most: 0, total: 0 };
  return {
    seen,
    hold(response: ServerResponse, digest: string) {
      waiting.push(() => answer(response, digest));
      seen.total++;
      seen.most = Math.max(seen.most, waiting.length);
      const isLast = seen.total === image.blobs.size - 1;
      // Time for one too many to arrive.
      if (waiting.length === size || isLast) setTimeout(() => waiting.splice(0).forEach((go) => go()), 50);
    },
  };
}

it('downloads no more at a time than daemon.json says', async () => {
  const group = inGroups(2, (response, digest) => response.end(registry.blobs.get(digest)));
  registry.interfere = (request, response) => {
    const [, digest] = /\/blobs\/(.+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    if (request.method === 'GET' && digest) group.hold(response, digest);
    return request.method === 'GET' && digest !== undefined;
  };
  await client.call(`/images/create?fromImage=${registry.host}/x&tag=1`, { method: 'POST' });
  expect((await client.call(`/images/${registry.host}/x:1/json`)).status).toBe(200);
  expect(group.seen).toEqual({ most: 2, total: 7 });
});

it('uploads no more at a time than daemon.json says', async () => {
  const body = await ociArchive([{ name: 'library/x:1', image }]);
  await client.call('/images/load', { method: 'POST', body });
  await client.call(`/images/x:1/tag?repo=${registry.host}/pushed&tag=1`, { method: 'POST' });
  const group = inGroups(3, (response) => response.writeHead(201).end());
  registry.interfere = (request, response) => {
    request.resume();
    if (request.method === 'HEAD') response.writeHead(404).end();
    else if (request.method === 'POST') response.writeHead(202, { Location: '/upload' }).end();
    else if (request.url?.startsWith('/upload')) group.hold(response, '');
    else response.writeHead(201).end();
    return true;
  };
  const pushed = await client.call(`/images/${registry.host}/pushed/push?tag=1`, { method: 'POST' });
  expect(JSON.stringify((pushed.body as object[]).at(-1))).toContain('digest: ');
  expect(group.seen).toEqual({ most: 3, total: 7 });
});

it('gives a download up after as many attempts as daemon.json says', async () => {
  const other = await buildImage({ layers: [{ b: randomBytes(1_000_000) }] });
  registry.put('broken', '1', other);
  const [layer = ''] = other.blobs.keys();
  let attempts = 0;
  registry.interfere = (request, response) => {
    if (!request.url?.includes(layer)) return false;
    attempts++;
    response.writeHead(200, { 'Content-Length': 1_000_000 });
    response.write(Buffer.alloc(1000), () => response.destroy());
    return true;
  };
  const { body } = await client.call(`/images/create?fromImage=${registry.host}/broken&tag=1`, { method: 'POST' });
  expect(JSON.stringify((body as object[]).at(-1))).toContain('error');
  await vi.waitFor(() => expect(attempts).toBe(2));
});
