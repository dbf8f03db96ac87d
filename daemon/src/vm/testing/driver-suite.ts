import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../concurrency/until.ts';
import { DialError, type RunningVm, type VmDriver, type VmSpec } from '../driver.ts';

/** A TCP server inside the guest that sends back what it gets and ends when its client ends. */
export interface GuestEcho extends AsyncDisposable {
  host: string;
  port: number;
}

export interface DriverSuiteOptions {
  /** A new driver object, as a new daemon would make one. Its agent's engine answers `GET /_ping` with 200. */
  createDriver: () => VmDriver;
  /** A spec with an instance folder of its own. */
  createSpec: () => Promise<{ spec: VmSpec } & AsyncDisposable>;
  guestEcho: (vm: RunningVm) => Promise<GuestEcho>;
  /** What is left on this host of the machine (processes, mounts, …), in words; must be empty once it has ended. */
  leftovers: (spec: VmSpec) => Promise<string[]>;
  /** Ends the machine behind the driver's back, for drivers that cannot bring it up again by themselves. */
  crash?: (spec: VmSpec) => Promise<void>;
}

const parallelStreams = 100;
const streamBytes = 256 * 1024;

/** What every VmDriver promises. The machine is started twice. */
export function driverSuite(name: string, options: DriverSuiteOptions): void {
  describe(`VmDriver: ${name}`, () => {
    const cleanup = new AsyncDisposableStack();
    const phases: string[] = [];
    let spec: VmSpec;
    let vm: RunningVm;
    const never = new AbortController().signal;
    const startOptions = () => ({
      signal: never,
      onProgress: ({ phase }: { phase: string }) => void phases.push(phase),
    });
    const start = () => options.createDriver().start(spec, startOptions());

    beforeAll(async () => {
      spec = cleanup.use(await options.createSpec()).spec;
    });
    afterAll(async () => {
      await vm?.kill();
      await cleanup.disposeAsync();
    });

    test('this host can run it', async () => {
      expect(await options.createDriver().check()).toMatchObject({ usable: true });
    });

    test('finds nothing to take over in a new folder', async () => {
      expect(await options.createDriver().adopt(spec, startOptions())).toBeNull();
    });

    test('a start that is given up leaves nothing', async () => {
      const givenUp = new AbortController();
      const starting = options
        .createDriver()
        .start(spec, { signal: givenUp.signal, onProgress: () => givenUp.abort() });
      await expect(starting).rejects.toThrow();
      expect(await options.leftovers(spec)).toEqual([]);
    });

    test('starts, tells its phases, and the engine answers', async () => {
      vm = await start();
      expect(phases.length).toBeGreaterThan(0);
      await engineAnswers(vm);
    });

    test('the guest API answers', async () => {
      expect(await get(await vm.dial({ kind: 'guest' }), '/guest/nothing')).toBe(404);
    });

    test('carries bytes to an address in the guest and back, with half-close', async () => {
      await using echo = await options.guestEcho(vm);
      const stream = await vm.dial({ kind: 'tcp', host: echo.host, port: echo.port });
      const payload = randomBytes(1_000_000);
      expect(await sendAndCollect(stream, payload)).toBe(digest(payload));
    });

    test('a dial that nobody answers is refused', async () => {
      const refused = await vm.dial({ kind: 'tcp', host: '127.0.0.1', port: 1 }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(DialError);
      expect((refused as DialError).code).toBe('ECONNREFUSED');
    });

    test(`carries ${parallelStreams} streams at once`, async () => {
      await using echo = await options.guestEcho(vm);
      const payload = randomBytes(streamBytes);
      const carry = async () =>
        sendAndCollect(await vm.dial({ kind: 'tcp', host: echo.host, port: echo.port }), payload);
      const digests = await Promise.all(Array.from({ length: parallelStreams }, carry));
      expect(new Set(digests)).toEqual(new Set([digest(payload)]));
    });

    test('a stream that nobody reads holds its sender back, and no other stream', async () => {
      await using echo = await options.guestEcho(vm);
      const target = { kind: 'tcp', host: echo.host, port: echo.port } as const;
      await using slow = await vm.dial(target);
      slow.on('error', () => undefined);
      expect(await fill(slow)).toBeLessThan(256 * 1024 * 1024);
      const payload = randomBytes(streamBytes);
      expect(await sendAndCollect(await vm.dial(target), payload)).toBe(digest(payload));
    });

    test('runs on when it is let go, and a new daemon takes it over', async () => {
      const old = vm;
      await old.detach();
      await expect(old.dial({ kind: 'engine' })).rejects.toThrow(DialError);
      const adopted = await options.createDriver().adopt(spec, startOptions());
      expect(adopted).not.toBeNull();
      vm = adopted!;
      await engineAnswers(vm);
      expect(await get(await vm.dial({ kind: 'guest' }), '/guest/nothing')).toBe(404);
    });

    test('stops, more than once, and leaves nothing', async () => {
      expect(typeof (await vm.consoleTail(10))).toBe('string');
      await Promise.all([vm.stop({ timeoutMs: 10_000 }), vm.stop({ timeoutMs: 10_000 })]);
      await vm.stop({ timeoutMs: 10_000 });
      expect(await vm.exited).toMatchObject({ expected: true });
      await expect(vm.dial({ kind: 'engine' })).rejects.toThrow(DialError);
      expect(await options.leftovers(spec)).toEqual([]);
      expect(await options.createDriver().adopt(spec, startOptions())).toBeNull();
    });

    test('starts again in the same folder, and can be killed', async () => {
      vm = await start();
      await engineAnswers(vm);
      if (options.crash) {
        await options.crash(spec);
        expect(await vm.exited).toMatchObject({ expected: false });
      } else {
        await vm.kill();
        expect(await vm.exited).toMatchObject({ expected: true });
      }
      await vm.kill();
      await expect(vm.dial({ kind: 'engine' })).rejects.toThrow(DialError);
      expect(await options.leftovers(spec)).toEqual([]);
      expect(await options.createDriver().adopt(spec, startOptions())).toBeNull();
    });
  });
}

/** start() promises the guest API only; the engine may need a moment more. */
async function engineAnswers(vm: RunningVm): Promise<void> {
  const ping = async () => (await get(await vm.dial({ kind: 'engine' }), '/_ping')) === 200;
  await until(() => ping().catch(() => false), { timeoutMs: 30_000, what: 'an answer of the engine' });
}

async function get(stream: Duplex, path: string): Promise<number | undefined> {
  const ask = request({ path, headers: { Host: 'guest', Connection: 'close' }, createConnection: () => stream });
  const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  stream.destroy();
  return answer.statusCode;
}

async function sendAndCollect(stream: Duplex, payload: Buffer): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Buffer) => hash.update(chunk));
  const ended = once(stream, 'end');
  stream.end(payload);
  await ended;
  stream.destroy();
  return hash.digest('hex');
}

/** Writes until nothing is taken for 300 ms (or for ever: then as much as is too much); how many bytes were taken. */
async function fill(stream: Duplex): Promise<number> {
  const chunk = Buffer.alloc(1024 * 1024);
  const limit = 256 * 1024 * 1024;
  let taken = 0;
  while (taken < limit) {
    const drained =
      stream.write(chunk) || (await once(stream, 'drain', { signal: AbortSignal.timeout(300) }).catch(() => null));
    if (drained === null) return taken;
    taken += chunk.length;
  }
  return taken;
}

function digest(payload: Buffer): string {
  return createHash('sha256').update(payload).digest('hex');
}
