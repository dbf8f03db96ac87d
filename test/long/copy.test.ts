import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';

let berth: Berth;
let scratch: string;
beforeAll(async () => {
  berth = await startBerth('linux');
  scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-long-'));
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const inScratch = (name: string): string => path.join(scratch, name);
const gigabyte = 1024 ** 3;
const memoryLimitBytes = 150 * 1024 ** 2;
const minutes = 60_000;

/** Bytes that the agent has in memory. */
function agentMemory(): number {
  const isAgent = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path.join(berth.home, 'machine/agent.json'));
    } catch {
      return false;
    }
  };
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isAgent(name));
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

const archive = (name: string, target: string) =>
  request({
    socketPath: berth.socketPath,
    method: name,
    path: `/v1.51/containers/long-sparse/archive?path=${target}`,
    headers: name === 'PUT' ? { 'Content-Type': 'application/x-tar', 'Transfer-Encoding': 'chunked' } : {},
  });

/** A tar with one file of zeros, which GNU tar's binary sizes let be larger than 8 GB. */
async function* tarOfZeros(name: string, size: number): AsyncGenerator<Buffer> {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar  \0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  yield header;
  const zeros = Buffer.alloc(64 * 1024);
  for (let sent = 0; sent < size; sent += zeros.length) yield zeros;
  yield Buffer.alloc(1024);
  await Promise.resolve();
}

test(
  'a sparse file of 10 GB each way: memory stays flat, and it is sparse in the container',
  { timeout: 10 * minutes },
  async () => {
    // prettier-ignore
    await berth.docker(['run', '-d', '--name', 'long-sparse', 'busybox', 'sleep', '100000']);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, agentMemory())), 100);
    try {
      const put = archive('PUT', '/');
      const answered = new Promise<number>((resolve) =>
        put.once('response', (answer) => resolve(answer.statusCode ?? 0)),
      );
      await pipeline(Readable.from(tarOfZeros('sparse', 10 * gigabyte)), put);
      expect(await answered).toBe(200);
      const { stdout } = await berth.docker(['exec', 'long-sparse', 'stat', '-c', '%s %b', '/sparse']);
      const [size, blocks] = stdout.split(' ').map(Number) as [number, number];
      expect(size).toBe(10 * gigabyte);
      expect(blocks * 512).toBeLessThan(gigabyte / 10);
      let read = 0;
      const counting = new Writable({
        write(chunk: Buffer, _encoding, done) {
          read += chunk.length;
          done();
        },
      });
      const get = archive('GET', '/sparse');
      get.end();
      const source = await new Promise<Readable>((resolve) => get.once('response', resolve));
      await pipeline(source, counting);
      expect(read).toBeGreaterThan(10 * gigabyte);
    } finally {
      clearInterval(watch);
    }
    expect(most).toBeLessThan(memoryLimitBytes);
    await berth.docker(['rm', '-f', 'long-sparse']);
  },
);

/** The container swaps what a seeded choice of names leads to, all the time. */
const swapping = (outside: string) =>
  `mkdir -p /a/sub /b; echo inside >/a/sub/file; echo inside >/b/file
while :; do
  mv /a /x; ln -s ${outside} /a; rm /a; ln -s ../../../..${outside} /a; rm /a; mv /x /a
  mv /a/sub /a/y; ln -s ${outside}/sub /a/sub; rm /a/sub; mv /a/y /a/sub
  rm /b/file; ln -s ${outside}/sub/file /b/file; rm /b/file; echo inside >/b/file
done`;

/** A small generator of numbers below `limit`, the same for the same seed. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

test.each([1, 2, 3])(
  'what is swapped for links during the copy never leads out (seed %i)',
  { timeout: 5 * minutes },
  async (seed) => {
    // prettier-ignore
    const outside = inScratch(`outside-${seed}`);
    await mkdir(path.join(outside, 'sub'), { recursive: true });
    await writeFile(path.join(outside, 'sub/file'), 'outside');
    const name = `long-swap-${seed}`;
    await berth.docker(['run', '-d', '--name', name, 'busybox', 'sh', '-c', swapping(outside)]);
    await mkdir(inScratch('tree/sub'), { recursive: true });
    await writeFile(inScratch('tree/sub/file'), 'new');
    const next = seeded(seed);
    const sources = ['/a', '/a/sub', '/a/sub/file', '/a/sub/', '/b/file', '/b'];
    const targets = ['/a/sub/file', '/a/sub', '/a', '/b/file', '/b'];
    for (let i = 0; i < 60; i++) {
      const { stdout } = await berth.docker(['cp', `${name}:${sources[next(sources.length)]}`, '-']);
      expect(stdout).not.toContain('outside\0');
      const tree = ['sub/file', '.'][next(2)] as string;
      await berth.docker(['cp', inScratch(`tree/${tree}`), `${name}:${targets[next(targets.length)]}`]);
    }
    expect(await readdir(outside, { recursive: true })).toEqual(['sub', 'sub/file']);
    expect(await readFile(path.join(outside, 'sub/file'), 'utf8')).toBe('outside');
    await berth.docker(['rm', '-f', name]);
  },
);
