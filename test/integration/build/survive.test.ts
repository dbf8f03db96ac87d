import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { execa } from 'execa';
import { pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { agentPid, hasBuildKit, startBerth, type Berth } from '../../helpers/berth.ts';

const soon = { timeout: 30_000, interval: 100 };

type Entry = Partial<Header> & { name: string; content?: string };

async function contextOf(...entries: Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  return await buffer(tar);
}

const dockerfile = (...lines: string[]): Entry => ({ name: 'Dockerfile', content: lines.join('\n') });

describe.skipIf(!hasBuildKit)('builds survive (skipped where there is no BuildKit)', () => {
  let berth: Berth;
  beforeAll(async () => {
    berth = await startBerth('linux');
  });
  afterAll(() => berth[Symbol.asyncDispose]());

  /** The answer as far as it came; an engine that ends cuts it off. */
  async function build(context: Buffer | Readable, query = ''): Promise<string> {
    const headers = { 'Content-Type': 'application/x-tar' };
    const target = { socketPath: berth.socketPath, method: 'POST', path: `/v1.51/build?${query}`, headers };
    const answer = Promise.withResolvers<string>();
    const outgoing = request(target, (incoming) => text(incoming).then(answer.resolve, answer.reject));
    outgoing.once('error', answer.reject);
    if (context instanceof Readable) context.pipe(outgoing);
    else outgoing.end(context);
    return await answer.promise.catch((error: Error) => `cut off: ${error.message}`);
  }

  const marker = `sleep 97${process.pid}`;
  const isRunning = async () => (await execa('pgrep', ['-xf', marker], { reject: false })).exitCode === 0;
  const pidsOf = async (pattern: string) =>
    (await execa('pgrep', ['-f', pattern], { reject: false })).stdout.split('\n').filter(Boolean).map(Number);
  const builders = () => pidsOf(`buildkitd --config ${berth.home}`);
  const contexts = () => readdir(path.join(berth.home, 'machine/engine/builder/contexts')).catch(() => []);
  const images = async () => (await berth.docker(['images', '-aq', '--no-trunc'])).stdout;

  async function inTheMiddle(query: string): Promise<{ building: Promise<string>; before: string }> {
    const before = await images();
    const building = build(await contextOf(dockerfile('FROM busybox', 'RUN touch /a', `RUN ${marker}`)), query);
    await vi.waitFor(async () => expect(await isRunning()).toBe(true), soon);
    return { building, before };
  }

  async function soundAfterwards(before: string): Promise<void> {
    await vi.waitFor(async () => expect(await isRunning()).toBe(false), soon);
    expect(await images()).toBe(before);
    await vi.waitFor(async () => expect(await contexts()).toEqual([]), soon);
    const answer = await build(await contextOf(dockerfile('FROM busybox', 'RUN touch /a', 'RUN touch /b')), 't=sound');
    expect(answer).toContain('Successfully tagged sound:latest');
    await berth.docker(['rmi', 'sound']);
  }

  it('the end of buildkitd in the middle', async () => {
    const { building, before } = await inTheMiddle('t=halfway');
    for (const pid of await builders()) process.kill(pid, 'SIGKILL');
    expect(await building).toMatch(/"error":"/);
    await soundAfterwards(before);
  });

  it('the end of the agent in the middle', async () => {
    const { building, before } = await inTheMiddle('t=halfway');
    const killed = agentPid(berth.home);
    process.kill(killed, 'SIGKILL');
    expect(await building).toMatch(/cut off|Step|cannot be reached/);
    const isBack = async () => agentPid(berth.home) !== killed && (await berth.docker(['version'])).exitCode === 0;
    await vi.waitFor(async () => expect(await isBack()).toBe(true), soon);
    await soundAfterwards(before);
  });

  it('ten of them at once', async () => {
    const contexts = await Promise.all(
      Array.from({ length: 10 }, (_, n) => contextOf(dockerfile('FROM busybox', `RUN echo ${n} > /n`, 'CMD cat /n'))),
    );
    const answers = await Promise.all(contexts.map((context, n) => build(context, `t=many:${n}`)));
    for (const [n, answer] of answers.entries()) expect(answer).toContain(`Successfully tagged many:${n}`);
    expect((await berth.docker(['run', '--rm', 'many:7'])).stdout).toBe('7');
  });

  it('a registry that is not there', async () => {
    const answer = await build(await contextOf(dockerfile('FROM 127.0.0.1:1/none', 'RUN true')));
    expect(answer).toMatch(/"error":".*127\.0\.0\.1:1.*connection refused/);
  });

  it('a context that breaks off', async () => {
    const whole = await contextOf(dockerfile('FROM busybox', 'COPY . /'), { name: 'a', content: 'x'.repeat(100_000) });
    expect(await build(whole.subarray(0, 50_000))).toContain('"message":"unexpected EOF"');
    expect(await build(Buffer.from('no archive at all, but long enough to be taken for one.'.repeat(20)))).toMatch(
      /"message":"archive\/tar: invalid tar header"/,
    );
  });

  it('a client that leaves while it sends a context', async () => {
    const whole = await contextOf(dockerfile('FROM busybox', 'COPY . /'), { name: 'a', content: 'x'.repeat(1e6) });
    const headers = { 'Content-Type': 'application/x-tar', 'Transfer-Encoding': 'chunked' };
    const outgoing = request({ socketPath: berth.socketPath, method: 'POST', path: '/v1.51/build', headers });
    outgoing.on('error', () => undefined).write(whole.subarray(0, 500_000));
    await vi.waitFor(async () => expect(await contexts()).toHaveLength(1), soon);
    outgoing.destroy();
    await vi.waitFor(async () => expect(await contexts()).toEqual([]), soon);
    expect(await pidsOf(`context-session ${berth.home}`)).toEqual([]);
  });

  it('a context that leads out of its folder', async () => {
    const outside = await mkdtemp(path.join(os.tmpdir(), 'berth-outside-'));
    const up = '../'.repeat(30);
    try {
      const hostile: Entry[][] = [
        [{ name: `${up}${outside}/by-name`, content: 'x' }],
        [{ name: `${outside}/by-root`, content: 'x' }],
        [
          { name: 'way', type: 'symlink', linkname: outside },
          { name: 'way/by-link', content: 'x' },
        ],
        [
          { name: 'way', type: 'symlink', linkname: `${up}${outside}` },
          { name: 'way/by-dots', content: 'x' },
        ],
        [{ name: 'hard', type: 'link', linkname: `${up}etc/passwd` }],
        [{ name: 'device', type: 'block-device', devmajor: 1, devminor: 0 }],
      ];
      for (const entries of hostile) {
        const context = await contextOf(dockerfile('FROM busybox', 'COPY . /context/'), ...entries);
        const answer = await build(context, 't=hostile');
        expect(answer, JSON.stringify(entries)).toMatch(/"error":|"message":|Successfully/);
      }
      expect((await execa('ls', ['-A', outside])).stdout).toBe('');
      const kept = await berth.docker(['run', '--rm', 'hostile', 'sh', '-c', 'cat /context/hard 2>/dev/null']);
      expect(kept.stdout).not.toContain(readFileSync('/etc/passwd', 'utf8').split('\n')[0]);
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });
});
