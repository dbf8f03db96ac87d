import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  referenceEngine,
  startImageEngine,
  type Answer,
  type Call,
  type EngineClient,
  type ImageEngine,
} from './image-engine.ts';
import { buildImage, buildIndex, ociArchive, tarOf, type TestImage } from './oci-image.ts';

/** Names that nobody else on the machine uses: the reference is shared. */
const repo = `berth-compare-${process.pid}`;
const reference = referenceEngine();
let engine: ImageEngine;
let sides: EngineClient[];
let single: TestImage;
let index: TestImage;
let layerTar: Buffer;

/** The same request to a real dockerd and to the engine: status, type and body have to be the same. */
async function same(target: string, call: Call = {}): Promise<Answer> {
  const [theirs, ours] = await Promise.all(sides.map((side) => side.call(target, call)));
  for (const answer of [theirs, ours]) if (target.startsWith('/images/json')) sortImages(answer);
  expect(normal(ours)).toEqual(normal(theirs));
  return ours as Answer;
}

/** Docker leaves the order of images of the same age to chance. */
function sortImages(answer: Answer | undefined): void {
  if (Array.isArray(answer?.body)) (answer.body as Array<{ Id: string }>).sort((a, b) => (a.Id < b.Id ? -1 : 1));
}

/** Times and the ids that follow from them. */
function normal(answer: Answer | undefined): unknown {
  return JSON.parse(
    JSON.stringify(answer)
      .replace(/"LastTagTime":"[^"]*"/g, '"LastTagTime":"TIME"')
      .replace(/"Created":("20[^"]*"|17\d{8})/g, '"Created":"TIME"'),
  );
}

describe.skipIf(!reference)('the same answers as dockerd (skipped unless REFERENCE_DOCKER_HOST names one)', () => {
  beforeAll(async () => {
    engine = await startImageEngine();
    sides = [reference as EngineClient, engine.client];
    layerTar = await tarOf({ f: 'x' });
    const config = {
      Cmd: ['sh', '-c', 'true'],
      Env: ['A=b'],
      Labels: { a: 'b' },
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/v': {} },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 5e9 },
      StopSignal: 'SIGINT',
    };
    single = await buildImage({ layers: [{ a: 'one' }, { b: 'two'.repeat(10_000) }], config });
    const arm = await buildImage({ layers: [{ arm: 'three' }], architecture: 'arm64' });
    index = buildIndex([
      { ...single, platform: { os: 'linux', architecture: 'amd64' } },
      { ...arm, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    ]);
  });
  afterAll(async () => {
    for (const side of sides ?? []) {
      const filters = encodeURIComponent(JSON.stringify({ reference: [`${repo}/*`] }));
      const { body } = await side.call(`/images/json?all=1&filters=${filters}`);
      for (const { RepoTags } of body as Array<{ RepoTags: string[] }>) {
        for (const tag of RepoTags) await side.call(`/images/${tag}?force=1`, { method: 'DELETE' });
      }
    }
    await engine?.[Symbol.asyncDispose]();
  });

  const query = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const mine = (more: object = {}) => query({ reference: [`${repo}/*`], ...more });

  it('load', async () => {
    const body = await ociArchive([
      { name: `${repo}/single:1`, image: single },
      { name: `${repo}/index:1`, image: index },
    ]);
    const { body: lines } = await same('/images/load', { method: 'POST', body });
    expect(lines).toHaveLength(2);
  });

  it.each([
    '',
    '?manifests=1',
    '?platform={"os":"linux","architecture":"arm64"}',
    '?platform={"os":"linux"}',
    '?platform=x',
  ])('inspect%s', async (parameters) => {
    await same(`/images/${repo}/single:1/json${parameters}`);
    await same(`/images/${repo}/index:1/json${parameters}`);
  });

  it('inspect by digest and id', async () => {
    const { digest } = index.descriptor;
    await same(`/images/${digest}/json`);
    await same(`/images/${digest.slice(7, 20)}/json`);
    await same(`/images/${repo}/index@${digest}/json`);
    await same(`/images/${repo}/nope@${digest}/json`);
  });

  it.each(['nope', 'Nope', 'x:', `sha256:${'0'.repeat(64)}`, '0'.repeat(64), 'abcdef012345'])(
    'inspect of %s, which is not there',
    async (name) => {
      await same(`/images/${name}/json`);
      await same(`/images/${name}/history`);
      await same(`/images/${name}/get`);
      await same(`/images/${name}`, { method: 'DELETE' });
      await same(`/images/${name}/tag?repo=x&tag=y`, { method: 'POST' });
    },
  );

  it('history', async () => {
    await same(`/images/${repo}/single:1/history`);
    await same(`/images/${repo}/index:1/history?platform={"os":"linux","architecture":"arm64"}`);
  });

  it.each([
    {},
    { label: ['a'] },
    { label: ['a=b'] },
    { label: ['a=c'] },
    { 'label!': ['a'] },
    { dangling: ['true'] },
    { dangling: ['0'] },
    { since: [`${repo}/single:1`] },
    { before: [`${repo}/single:1`] },
    { until: ['1h'] },
    { until: ['2000-01-01'] },
  ])('list with %o', async (filters) => {
    await same(`/images/json?${mine(filters)}`);
    await same(`/images/json?manifests=1&${mine(filters)}`);
    await same(`/images/json?shared-size=1&${mine(filters)}`);
  });

  it.each([{ nope: ['x'] }, { dangling: ['x'] }, { since: ['nope'] }, { reference: ['['] }])(
    'list with %o, which is wrong',
    async (filters) => void (await same(`/images/json?${query(filters)}`)),
  );

  it('list with filters that are none', async () => {
    await same('/images/json?filters=x');
    await same('/images/json?filters=[]');
    await same('/images/json?filters={"a":1}');
  });

  it('tag', async () => {
    const post = { method: 'POST' } as const;
    await same(`/images/${repo}/single:1/tag?repo=${repo}/tagged&tag=2`, post);
    await same(`/images/${repo}/single:1/tag?repo=${repo}/tagged`, post);
    await same(`/images/${repo}/single:1/tag?repo=${repo}/tagged&tag=a%20b`, post);
    await same(`/images/${repo}/single:1/tag?repo=BAD`, post);
    await same(`/images/${repo}/single:1/tag?repo=`, post);
    await same(`/images/${repo}/single:1/tag?repo=sha256&tag=x`, post);
    await same(`/images/${repo}/single:1/tag?repo=x@sha256:${'a'.repeat(64)}`, post);
    await same(`/images/${repo}/tagged:2/json`);
    await same(`/images/json?${mine()}`);
  });

  it('save', async () => {
    for (const names of [`${repo}/single:1`, `${repo}/index`, `${repo}/single&names=${repo}/tagged:2`]) {
      const [theirs, ours] = await Promise.all(sides.map((side) => side.bytes(`/images/get?names=${names}`)));
      expect(await entriesOf(ours as Buffer)).toEqual(await entriesOf(theirs as Buffer));
    }
  });

  it('import', async () => {
    const changes = [
      'CMD ["a"]',
      'ENV A=b C="d e"',
      'EXPOSE 80 81/udp',
      'HEALTHCHECK --interval=5s CMD true',
      'USER me',
    ]
      .map((change) => `&changes=${encodeURIComponent(change)}`)
      .join('');
    const target = `/images/create?fromSrc=-&repo=${repo}/imported&tag=1&message=hi${changes}`;
    const answers = await Promise.all(sides.map((side) => side.call(target, { method: 'POST', body: layerTar })));
    for (const { body } of answers) expect(body).toEqual([{ status: expect.stringMatching(/^sha256:/) }]);
    const [theirs, ours] = await Promise.all(sides.map((side) => side.call(`/images/${repo}/imported:1/json`)));
    const config = (answer: Answer | undefined) => (answer?.body as { Config: object }).Config;
    expect(config(ours)).toEqual(config(theirs));
    await same('/images/create?fromSrc=-&changes=RUN%20x', { method: 'POST', body: layerTar });
    await same('/images/create?fromSrc=-&repo=BAD', { method: 'POST', body: layerTar });
  });

  it.each([
    'fromImage=127.0.0.1:1/nope&tag=x',
    'fromImage=scratch',
    'fromImage=BAD',
    'fromImage=x&tag=a%20b',
    'fromImage=x&platform=foobar',
    'fromImage=x&platform=linux/',
    'fromSrc=http://127.0.0.1:1/x.tar',
  ])('create?%s', async (parameters) => void (await same(`/images/create?${parameters}`, { method: 'POST' })));

  it('push', async () => {
    const post = { method: 'POST' } as const;
    await same(`/images/${repo}/nope/push?tag=1`, post);
    await same(`/images/${repo}/nope/push`, post);
    await same('/images/BAD/push?tag=1', post);
  });

  it('remove', async () => {
    const remove = { method: 'DELETE' } as const;
    await same(`/images/${repo}/tagged:2`, remove);
    await same(`/images/${repo}/tagged:2`, remove);
    await same(`/images/${repo}/index:1?platforms={"os":"linux","architecture":"arm64"}`, remove);
    await same(`/images/${repo}/index:1?force=1&platforms={"os":"linux","architecture":"arm64"}`, remove);
    await same(`/images/${repo}/index:1/json?manifests=1`);
    await same(`/images/${single.descriptor.digest.slice(7, 19)}`, remove);
    await same(`/images/${repo}/index:1`, remove);
    await same(`/images/%20`, remove);
  });

  it('prune with filters that it does not know', async () => {
    await same(`/images/prune?${query({ nope: ['x'] })}`, { method: 'POST' });
    await same(`/images/prune?${query({ dangling: ['x'] })}`, { method: 'POST' });
  });
});

/** What an archive holds, without the tar's own padding. */
async function entriesOf(archive: Buffer): Promise<object[]> {
  const { extract } = await import('tar-stream');
  const tar = extract();
  tar.end(archive);
  const entries: object[] = [];
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, mode, size, type, mtime } = entry.header;
    const content = name.endsWith('.json') ? (JSON.parse(Buffer.concat(chunks).toString()) as object) : size;
    entries.push({ name, mode, type, mtime, content });
  }
  return entries;
}
