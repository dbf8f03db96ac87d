import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, ociArchive, type TestImage } from './oci-image.ts';
import { startUploadRegistry, type UploadRegistry } from './upload-registry.ts';

const mebibyte = 1024 * 1024;
const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let registry: UploadRegistry;
let image: TestImage;
let layer: { digest: string; size: number };

beforeAll(async () => {
  // One at a time, so that the requests have an order.
  engine = stack.use(await startImageEngine({ maxConcurrentUploads: 1 }));
  client = engine.client;
  image = await buildImage({ layers: [{ a: randomBytes(40 * mebibyte) }] });
  const [[digest, bytes] = ['', Buffer.alloc(0)]] = image.blobs;
  layer = { digest, size: bytes.length };
  const body = await ociArchive([{ name: 'library/x:1', image }]);
  await client.call('/images/load', { method: 'POST', body });
});
afterAll(() => stack.disposeAsync());
beforeEach(async (context) => {
  registry = await startUploadRegistry();
  context.onTestFinished(() => registry[Symbol.asyncDispose]());
});

/** The requests for the layer, which is the larger of two blobs. */
async function push(): Promise<string[]> {
  await client.call(`/images/x:1/tag?repo=${registry.host}/pushed&tag=1`, { method: 'POST' });
  const { body } = await client.call(`/images/${registry.host}/pushed/push?tag=1`, { method: 'POST' });
  expect(JSON.stringify((body as object[]).at(-1))).toContain('digest: ');
  expect(registry.blobs.get(layer.digest)?.equals(image.blobs.get(layer.digest) as Buffer)).toBe(true);
  await client.call(`/images/${registry.host}/pushed:1`, { method: 'DELETE' });
  const isLayer = (line: string) => !/ 0-\d{1,4}$/.test(line);
  return registry.log.filter(isLayer);
}

/** Breaks the first request that is longer than that. */
function once(bytes: number): (length: number) => number {
  let isBroken = false;
  return (length) => {
    if (isBroken || length <= bytes) return Infinity;
    isBroken = true;
    return bytes;
  };
}

const chunk = 16 * mebibyte;

it('sends a blob in one request', async () => {
  expect(await push()).toContain(`PUT 201 0-${layer.size}`);
});

it('goes on where a push broke off, chunk by chunk', async () => {
  registry.breakAfter = once(10 * mebibyte);
  const log = await push();
  expect(log.slice(log.indexOf('PUT broken'))).toEqual([
    'PUT broken',
    'GET 204',
    `PATCH 202 ${10 * mebibyte}-${10 * mebibyte + chunk}`,
    `PATCH 202 ${10 * mebibyte + chunk}-${layer.size}`,
    `PUT 201 ${layer.size}-${layer.size}`,
    'PUT 201',
  ]);
});

it('starts anew where the registry has forgotten the upload', async () => {
  registry.remembers = false;
  registry.breakAfter = once(10 * mebibyte);
  const log = await push();
  expect(log.slice(log.indexOf('PUT broken')).slice(0, 4)).toEqual([
    'PUT broken',
    'GET 404',
    'POST 202',
    `PATCH 202 0-${chunk}`,
  ]);
});

it('sends chunks where one request is too much', async () => {
  registry.largestBody = 20 * mebibyte;
  const log = await push();
  expect(log).toContain('PUT 413');
  expect(log.filter((line) => line.startsWith('PATCH 202'))).toHaveLength(3);
});

it('makes progress over a connection that breaks again and again', async () => {
  registry.breakAfter = (length) => (length > 15 * mebibyte ? 15 * mebibyte : Infinity);
  const log = await push();
  expect(log.filter((line) => line.endsWith('broken'))).toHaveLength(2);
});

it('gives up where nothing arrives, and says why', async () => {
  registry.breakAfter = () => 1;
  registry.remembers = false;
  await client.call(`/images/x:1/tag?repo=${registry.host}/pushed&tag=1`, { method: 'POST' });
  const { body } = await client.call(`/images/${registry.host}/pushed/push?tag=1`, { method: 'POST' });
  expect((body as Array<{ error?: string }>).at(-1)?.error).toMatch(/^failed to do request: P/);
  await client.call(`/images/${registry.host}/pushed:1`, { method: 'DELETE' });
});
