import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  referenceEngine,
  startImageEngine,
  type Answer,
  type Call,
  type EngineClient,
  type ImageEngine,
} from '../images/image-engine.ts';

const prefix = `berthvol${process.pid}`;
const reference = referenceEngine();
let engine: ImageEngine;
let sides: EngineClient[];

async function same(target: string, call: Call = {}): Promise<Answer> {
  const [theirs, ours] = await Promise.all(sides.map((side) => side.call(target, call)));
  expect(normal(ours)).toEqual(normal(theirs));
  return ours as Answer;
}

function normal(answer: Answer | undefined): unknown {
  return JSON.parse(
    JSON.stringify(answer)
      .replace(/"CreatedAt":"[^"]*"/g, '"CreatedAt":"TIME"')
      .replace(/"Mountpoint":"[^"]*\/volumes\//g, '"Mountpoint":"')
      .replace(/[0-9a-f]{64}/g, 'ID'),
  );
}

const json = (value: unknown, method: 'POST' = 'POST'): Call => ({
  method,
  headers: { 'Content-Type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const query = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;

describe.skipIf(!reference)('the same answers as dockerd (skipped unless REFERENCE_DOCKER_HOST names one)', () => {
  beforeAll(async () => {
    engine = await startImageEngine();
    sides = [reference as EngineClient, engine.client];
  });
  afterAll(async () => {
    for (const side of sides ?? []) {
      const { body } = await side.call(`/volumes?${query({ name: [prefix] })}`);
      for (const { Name } of (body as { Volumes: Array<{ Name: string }> }).Volumes) {
        await side.call(`/volumes/${Name}`, { method: 'DELETE' });
      }
    }
    await engine?.[Symbol.asyncDispose]();
  });

  it.each([
    { Name: `${prefix}a`, Labels: { b: '2', a: '1' } },
    { Name: `${prefix}a`, Labels: { other: 'x' } },
    { Name: `${prefix}b`, DriverOpts: { type: 'tmpfs', o: 'size=1m', device: 'tmpfs' } },
    { Name: 'x' },
    { Name: 'a/b' },
    { Name: '../x' },
    { Name: `${prefix}c`, DriverOpts: { foo: 'bar' } },
    { Name: `${prefix}c`, DriverOpts: { type: 'tmpfs' } },
    { Name: `${prefix}c`, DriverOpts: { o: 'x', device: 'y' } },
    { Name: `${prefix}c`, DriverOpts: { size: '1m' } },
    { Name: `${prefix}c`, DriverOpts: { size: 'zz' } },
    { Name: `${prefix}c`, DriverOpts: { type: 'cifs', device: '//h:1/x' } },
    { Name: 5 },
    { Name: `${prefix}c`, ClusterVolumeSpec: {} },
    '{bad',
  ])('create %o', async (body) => void (await same('/volumes/create', json(body))));

  it('knows no other driver', async () => {
    // dockerd looks for a plugin for fifteen seconds before it says so.
    const answer = await engine.client.call('/volumes/create', json({ Name: `${prefix}c`, Driver: 'nope' }));
    const message = `create ${prefix}c: error looking up volume plugin nope: plugin "nope" not found`;
    expect(answer).toMatchObject({ status: 404, body: { message } });
  });

  it('inspect and list', async () => {
    await same(`/volumes/${prefix}a`);
    await same(`/volumes/${prefix}b`);
    await same('/volumes/nope');
    await same(`/volumes?${query({ name: [prefix] })}`);
    await same(`/volumes?${query({ name: [`${prefix}a`], label: ['a=1'] })}`);
    await same(`/volumes?${query({ name: [prefix], label: ['a=2'] })}`);
    await same(`/volumes?${query({ name: [prefix], dangling: ['true'] })}`);
    await same(`/volumes?${query({ name: [prefix], dangling: ['0'] })}`);
    await same(`/volumes?${query({ name: [prefix], driver: ['other'] })}`);
    await same(`/volumes?${query({ nope: ['x'] })}`);
    await same(`/volumes?${query({ dangling: ['x'] })}`);
    await same('/volumes?filters=x');
  });

  it('refuses prunes that it does not understand', async () => {
    await same(`/volumes/prune?${query({ nope: ['x'] })}`, { method: 'POST' });
    await same(`/volumes/prune?${query({ all: ['x'] })}`, { method: 'POST' });
    await same(`/volumes/prune?${query({ label: [`none${prefix}`] })}`, { method: 'POST' });
  });

  it('remove', async () => {
    const remove = { method: 'DELETE' } as const;
    await same(`/volumes/${prefix}a`, remove);
    await same(`/volumes/${prefix}a`, remove);
    await same(`/volumes/${prefix}a?force=1`, remove);
    await same(`/volumes/${prefix}b`, { method: 'PUT' });
  });

  it('keeps a volume that a container has', async () => {
    const name = `${prefix}used`;
    await engine.client.call('/volumes/create', json({ Name: name }));
    await engine.setUsers({ volumes: { [name]: ['c'.repeat(64)] } });
    const answer = await engine.client.call(`/volumes/${name}?force=1`, { method: 'DELETE' });
    expect(answer).toMatchObject({
      status: 409,
      body: { message: `remove ${name}: volume is in use - [${'c'.repeat(64)}]` },
    });
    await engine.setUsers({});
  });
});
