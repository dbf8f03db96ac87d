import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
let scratch: string;

interface Message {
  stream?: string;
  id?: string;
  aux?: { ID: string } | string;
  error?: string;
  errorDetail?: { code?: number; message: string };
}

interface Outcome {
  status: number;
  messages: Message[];
  text: string;
}

/** A context of files; the Dockerfile is the first. */
async function contextOf(files: Record<string, string>): Promise<Buffer> {
  const folder = await mkdtemp(path.join(scratch, 'context-'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return (await execa('tar', ['-c', '-C', folder, '.'], { encoding: 'buffer' })).stdout as Buffer;
}

async function build(context: Buffer, query: Record<string, string> = {}): Promise<Outcome> {
  const parameters = new URLSearchParams(query).toString();
  const target = { socketPath: berth.socketPath, method: 'POST', path: `/v1.51/build?${parameters}` };
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request({ ...target, headers: { 'Content-Type': 'application/x-tar' } }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text })).on('error', reject);
    });
    outgoing.on('error', reject).end(context);
  });
  const messages = body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Message);
  return { status, messages, text: messages.map(({ stream }) => stream ?? '').join('') };
}

/** The id that a classic build ends with. */
const imageOf = (messages: Message[]) => (messages.find(({ aux }) => aux)?.aux as { ID: string } | undefined)?.ID;

const dockerfile = (...lines: string[]) => contextOf({ Dockerfile: `${lines.join('\n')}\n` });
const run = async (...args: string[]) => (await berth.docker(['run', '--rm', ...args])).stdout;

describe.skipIf(!hasBuildKit)('POST /build (skipped where scripts/setup could not build BuildKit)', () => {
  beforeAll(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-build-'));
    berth = await startBerth('linux');
  });
  afterAll(async () => {
    await berth[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
  });

  it('builds, tags and tells it as the classic builder does', async () => {
    const lines = ['FROM busybox', 'COPY a /a', 'RUN echo out; echo err >&2; echo b > /b', 'CMD cat /a /b'];
    const context = await contextOf({ Dockerfile: lines.join('\n'), a: 'a\n' });
    const since = Math.floor(Date.now() / 1000);
    const { status, messages, text } = await build(context, { t: 'first:1', labels: '{"made":"here"}' });
    expect(status).toBe(200);
    const id = imageOf(messages) ?? '';
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(text).toContain('Step 1/3 : FROM busybox:latest\n');
    expect(text).toContain('Step 3/3 : RUN echo out; echo err >&2; echo b > /b\n');
    expect(text).toContain('out\n');
    expect(text).toContain('\u001b[91merr\n\u001b[0m');
    const end = `Successfully built ${id.slice(7, 19)}\nSuccessfully tagged first:1\n`;
    expect(text.endsWith(end)).toBe(true);
    expect(await run('first:1')).toBe('a\nb');
    const inspected = await berth.docker(['inspect', '-f', '{{.Id}} {{json .RepoTags}} {{.Config.Labels.made}}', id]);
    expect(inspected.stdout).toBe(`${id} ["first:1"] here`);
    const until = String(Math.floor(Date.now() / 1000) + 1);
    const events = await berth.docker([
      ...['events', '--since', String(since), '--until', until, '--filter', 'type=image'],
      ...['--format', '{{.Action}} {{.Actor.Attributes.name}}'],
    ]);
    expect(events.stdout.split('\n')).toEqual(expect.arrayContaining([`create ${id}`, 'tag first:1']));
  });

  it('uses its cache, unless it is told not to', async () => {
    const context = await dockerfile('FROM busybox', 'RUN date +%s%N > /when');
    const first = await build(context, { t: 'cached' });
    const again = await build(context, { t: 'cached' });
    const anew = await build(context, { t: 'cached', nocache: '1' });
    const idOf = ({ messages }: Outcome) => imageOf(messages);
    expect(first.text).not.toContain('Using cache');
    expect(again.text).toContain('Using cache');
    expect(idOf(again)).toBe(idOf(first));
    expect(idOf(anew)).not.toBe(idOf(first));
  });

  it('moves a tag, and keeps the image that had it without a name', async () => {
    await build(await dockerfile('FROM busybox', 'LABEL which=one'), { t: 'moved' });
    const before = (await berth.docker(['images', '-q', '--no-trunc', 'moved'])).stdout;
    await build(await dockerfile('FROM busybox', 'LABEL which=two'), { t: 'moved' });
    expect((await berth.docker(['images', '-q', '--no-trunc', 'moved'])).stdout).not.toBe(before);
    const dangling = await berth.docker(['images', '-q', '--no-trunc', '--filter', 'dangling=true']);
    expect(dangling.stdout.split('\n')).toContain(before);
  });

  it('hands arguments, target, hosts and limits on', async () => {
    const lines = [
      'FROM busybox AS base',
      'ARG WHO=nobody',
      'RUN echo "$WHO $HTTP_PROXY" > /who; grep other /etc/hosts > /hosts; ulimit -n > /files; df -k /dev/shm > /shm',
      'RUN cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max > /memory 2>/dev/null || true',
      'FROM base AS unused',
      'RUN exit 1',
    ];
    const outcome = await build(await dockerfile(...lines), {
      ...{ t: 'arguments', target: 'base', extrahosts: 'other:10.1.2.3', shmsize: String(8 * 1024 * 1024) },
      memory: String(64 * 1024 * 1024),
      buildargs: JSON.stringify({ WHO: 'me', HTTP_PROXY: 'http://proxy', UNSET: null }),
      ulimits: JSON.stringify([{ Name: 'nofile', Soft: 100, Hard: 200 }]),
    });
    expect(outcome.messages.filter(({ error }) => error)).toEqual([]);
    const files = await run('arguments', 'cat', '/who', '/hosts', '/files', '/shm', '/memory');
    expect(files).toContain('me http://proxy\n');
    expect(files).toMatch(/10\.1\.2\.3\s+other/);
    expect(files).toContain('\n100\n');
    expect(files).toMatch(/\s8192\s/);
    expect(files).toContain(`${64 * 1024 * 1024}`);
  });

  it('answers only the id when it is to be quiet', async () => {
    const { messages } = await build(await dockerfile('FROM busybox', 'RUN echo noise'), { q: '1' });
    expect(messages).toEqual([{ stream: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) }]);
  });

  it('takes compressed contexts and a Dockerfile of another name', async () => {
    const plain = await contextOf({ Dockerfile: 'FROM nowhere', Other: 'FROM busybox\nCOPY Other /other\n' });
    const { text } = await build(gzipSync(plain), { dockerfile: 'Other' });
    expect(text).toContain('Successfully built');
  });

  it('says of a command that fails how it ended, and shows what it printed', async () => {
    const { status, messages, text } = await build(await dockerfile('FROM busybox', 'RUN echo last words; exit 3'));
    const message = "The command '/bin/sh -c echo last words; exit 3' returned a non-zero code: 3";
    expect(status).toBe(200);
    expect(text).toContain('last words\n');
    expect(messages.at(-1)).toEqual({ errorDetail: { code: 3, message }, error: message });
  });

  it.each([
    [['FROM busybox', 'NOPE x'], {}, 400, /^dockerfile parse error on line 2: unknown instruction: NOPE/],
    [['# nothing'], {}, 400, /^failed to parse Dockerfile: file with no instructions$/],
    [['FROM busybox'], { target: 'none' }, 400, /^target stage "none" could not be found$/],
    [['FROM busybox'], { dockerfile: 'gone' }, 500, /^Cannot locate specified Dockerfile: gone$/],
    [['FROM busybox'], { t: 'BAD' }, 500, /^invalid reference format: repository name \(library\/BAD\) must be/],
    [['FROM busybox'], { squash: '1' }, 400, /^squash is only supported with experimental mode$/],
    [['FROM busybox'], { remote: 'here' }, 500, /^remoteURL \(here\) could not be recognized as URL$/],
    [['FROM busybox'], { platform: 'a/b/c/d' }, 400, /cannot parse platform specifier/],
    [['FROM busybox'], { networkmode: 'mine', version: '2' }, 500, /^network mode "mine" not supported by buildkit$/],
    [
      ['FROM busybox'],
      { networkmode: 'bridge', version: '2' },
      500,
      /^network mode "bridge" not supported by buildkit$/,
    ],
  ])('refuses %j with %j before it builds', async (...[lines, query, status, message]) => {
    const outcome = await build(await dockerfile(...lines), query as Record<string, string>);
    expect(outcome.status).toBe(status);
    expect(outcome.messages).toEqual([{ message: expect.stringMatching(message) }]);
  });

  it('names a file that is missing', async () => {
    const { messages } = await build(await dockerfile('FROM busybox', 'COPY nope /'));
    expect(messages.at(-1)?.error).toBe(
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist',
    );
  });

  it('tells clients of version 2 what BuildKit says', async () => {
    const context = await dockerfile('FROM busybox', 'RUN echo said; true');
    const { status, messages } = await build(context, { version: '2', t: 'second' });
    expect(status).toBe(200);
    const traces = messages.filter(({ id }) => id === 'moby.buildkit.trace').map(({ aux }) => String(aux));
    expect(Buffer.concat(traces.map((trace) => Buffer.from(trace, 'base64'))).toString('latin1')).toContain('said\n');
    const { aux } = messages.at(-1) ?? {};
    expect(messages.at(-1)?.id).toBe('moby.image.id');
    expect((await berth.docker(['inspect', '-f', '{{json .}}', 'second'])).stdout).toContain(
      (aux as { ID: string }).ID,
    );
    const failed = await build(await dockerfile('FROM busybox', 'RUN exit 7'), { version: '2' });
    expect(failed.messages.at(-1)?.error).toMatch(/did not complete successfully: exit code: 7$/);
  });

  it('is what `docker build` uses', async () => {
    const folder = await mkdtemp(path.join(scratch, 'cli-'));
    await writeFile(path.join(folder, 'Dockerfile'), 'FROM busybox\nCOPY . /c\nCMD ls /c\n');
    await writeFile(path.join(folder, 'ignored'), '');
    await writeFile(path.join(folder, '.dockerignore'), 'ignored\n');
    const env = { DOCKER_HOST: berth.dockerHost, DOCKER_BUILDKIT: '0' };
    const { stdout } = await execa('docker', ['build', '-t', 'from-cli', folder], { env });
    expect(stdout).toContain('Successfully tagged from-cli:latest');
    expect((await run('from-cli')).split('\n')).toEqual(['Dockerfile']);
  });

  it('lists and prunes its cache', async () => {
    await build(await dockerfile('FROM busybox', 'RUN echo cached'));
    const usage = async () => {
      const target = { method: 'GET', path: '/v1.51/system/df?type=build-cache' };
      return (JSON.parse((await engineRequest(berth.socketPath, target)).body) as { BuildCache: object[] }).BuildCache;
    };
    expect(await usage()).toEqual(
      expect.arrayContaining([expect.objectContaining({ Type: 'regular', ID: expect.any(String), InUse: false })]),
    );
    await berth.docker(['image', 'prune', '-f']);
    // BuildKit lets go of a build's own records a moment after the build, and never of a failed one's context.
    const emptied = async () => {
      const pruned = await berth.docker(['builder', 'prune', '-af']);
      expect(pruned.stdout).toContain('Total reclaimed space:');
      expect(await usage()).not.toContainEqual(
        expect.objectContaining({ Description: expect.stringMatching(/echo cached/) }),
      );
    };
    await vi.waitFor(emptied, { timeout: 30_000 });
  });

  describe('ends', () => {
    /** What is left of it shows in the machine's processes. */
    const marker = `sleep 98${process.pid}`;
    const isRunning = async () => (await execa('pgrep', ['-xf', marker], { reject: false })).exitCode === 0;
    const started = () => vi.waitFor(async () => expect(await isRunning()).toBe(true), { timeout: 30_000 });
    const gone = () => vi.waitFor(async () => expect(await isRunning()).toBe(false), { timeout: 30_000 });

    it('with its client', async () => {
      const context = await dockerfile('FROM busybox', `RUN ${marker}`);
      const outgoing = request({ socketPath: berth.socketPath, method: 'POST', path: '/build' });
      outgoing.on('error', () => undefined).end(context);
      await started();
      outgoing.destroy();
      await gone();
    });

    it('when it is cancelled by its id', async () => {
      const building = build(await dockerfile('FROM busybox', `RUN ${marker}`), { buildid: 'mine' });
      await started();
      const cancel = { method: 'POST', path: '/build/cancel?id=mine' };
      expect((await engineRequest(berth.socketPath, cancel)).status).toBe(200);
      expect((await building).messages.at(-1)?.error).toBe('Build cancelled');
      await gone();
    });

    it('with the machine', async () => {
      const building = build(await dockerfile('FROM busybox', `RUN ${marker}`)).catch(() => undefined);
      await started();
      await berth.berth('down');
      await gone();
      await building;
      const left = await execa('pgrep', ['-f', `${berth.home}/machine`], { reject: false });
      expect(left.stdout).toBe('');
      await berth.berth('up', '--driver', 'linux');
      expect((await build(await dockerfile('FROM busybox', 'RUN true'))).text).toContain('Successfully built');
    });
  });
});
