import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, ociArchive, type TestImage } from './oci-image.ts';
import { registryProgram, startRealRegistry, type RealRegistry } from './registry.ts';

const login = { user: 'bob', password: 'secret' };
let engine: ImageEngine;
let client: EngineClient;
let image: TestImage;

const header = (password: string, serveraddress = '') =>
  Buffer.from(JSON.stringify({ username: login.user, password, serveraddress })).toString('base64url');

describe.skipIf(!registryProgram)("Debian's docker-registry (skipped where it is not installed)", () => {
  let open: RealRegistry;
  let closed: RealRegistry;

  beforeAll(async () => {
    [engine, open, closed] = await Promise.all([startImageEngine(), startRealRegistry(), startRealRegistry(login)]);
    client = engine.client;
    image = await buildImage({ layers: [{ a: randomBytes(200_000) }, { b: randomBytes(200_000) }] });
    await client.call('/images/load', { method: 'POST', body: await ociArchive([{ name: 'library/x:1', image }]) });
  });
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
    await closed?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });

  const tag = (repo: string) => client.call(`/images/x:1/tag?repo=${repo}&tag=1`, { method: 'POST' });
  const push = async (repo: string, auth?: string) => {
    const headers: Record<string, string> = auth === undefined ? {} : { 'X-Registry-Auth': auth };
    const { body } = await client.call(`/images/${repo}/push?tag=1`, { method: 'POST', headers });
    return (body as Array<{ status?: string; error?: string }>).map(({ status, error }) => status ?? error);
  };
  const done = () => `1: digest: ${image.descriptor.digest} size: ${image.descriptor.size}`;

  it('gets back what it was given', async () => {
    const repo = `${open.host}/some/x`;
    await tag(repo);
    const first = await push(repo);
    expect(first[0]).toBe(`The push refers to repository [${repo}]`);
    expect(first.filter((line) => line === 'Pushed')).toHaveLength(2);
    expect(first.at(-1)).toBe(done());
    expect((await push(repo)).filter((line) => line === 'Layer already exists')).toHaveLength(2);
    await client.call('/images/x:1', { method: 'DELETE' });
    await client.call(`/images/${repo}:1`, { method: 'DELETE' });
    await client.call(`/images/create?fromImage=${repo}&tag=1`, { method: 'POST' });
    await client.call(`/images/${repo}:1/tag?repo=x&tag=1`, { method: 'POST' });
    expect((await client.call('/images/x:1/json')).body).toMatchObject({ Id: image.descriptor.digest });
  });

  it('mounts what the registry has elsewhere', async () => {
    const repo = `${open.host}/other/x`;
    await tag(repo);
    expect((await push(repo)).filter((line) => line === 'Mounted from some/x')).toHaveLength(2);
  });

  it('wants a login where there is one', async () => {
    const repo = `${closed.host}/x`;
    await tag(repo);
    expect((await push(repo)).at(-1)).toBe(
      'push access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
    );
    expect((await push(repo, header('wrong'))).at(-1)).toMatch(/^unknown: unexpected status .*: 401 Unauthorized$/);
    expect((await push(repo, header(login.password, closed.host))).at(-1)).toBe(done());
    expect((await push(repo, header(login.password, 'elsewhere:1'))).at(-1)).toContain('no basic auth credentials');
  });

  it('checks logins and looks at images without fetching them', async () => {
    const auth = (password: string) =>
      client.call('/auth', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username: login.user, password, serveraddress: closed.host }),
      });
    expect((await auth(login.password)).body).toEqual({ IdentityToken: '', Status: 'Login Succeeded' });
    expect(await auth('wrong')).toMatchObject({
      status: 500,
      body: { message: `login attempt to http://${closed.host}/v2/ failed with status: 401 Unauthorized` },
    });
    const { mediaType, digest, size } = image.descriptor;
    expect((await client.call(`/distribution/${open.host}/some/x:1/json`)).body).toEqual({
      Descriptor: { mediaType, digest, size },
      Platforms: null,
    });
    expect(await client.call(`/distribution/${open.host}/nope/json`)).toMatchObject({
      status: 404,
      body: { message: 'manifest unknown: manifest unknown' },
    });
  });
});
