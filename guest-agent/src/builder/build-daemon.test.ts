import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../logger.ts';
import { BuildDaemon } from './build-daemon.ts';

/** Listens where it is told to, counts its starts, ends with SIGTERM: all that is asked of a buildkitd here. */
const fakeDaemon = `#!${process.execPath}
const address = process.argv[process.argv.indexOf('--addr') + 1];
require('node:fs').appendFileSync(require('node:path').join(process.cwd(), 'starts'), 'x');
require('node:net').createServer((socket) => socket.destroy()).listen(address.slice('unix://'.length));
`;

let dir: string;
let daemon: BuildDaemon;
let prepared: number;
let cleaned: number;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'berth-buildd-'));
  await mkdir(path.join(dir, 'programs'));
  for (const name of ['buildkitd', 'context-session', 'step-network', 'loopback']) {
    await writeFile(path.join(dir, 'programs', name), fakeDaemon, { mode: 0o755 });
  }
  prepared = 0;
  cleaned = 0;
});
afterEach(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

function start(idleMs: number): BuildDaemon {
  daemon = new BuildDaemon({
    ...{ programs: path.join(dir, 'programs'), root: path.join(dir, 'root'), socket: path.join(dir, 's.sock') },
    ...{ logFile: path.join(dir, 'log'), configFile: path.join(dir, 'c.toml') },
    ...{ containerdAddress: '/none', namespace: 'test', environment: {}, idleMs, log: createLogger('silent') },
    prepare: async () => void prepared++,
    cleanUp: async () => void cleaned++,
  });
  return daemon;
}

const starts = async () => (await readFile(path.join(dir, 'root/starts'), 'utf8')).length;
const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe.skipIf(process.platform !== 'linux')('BuildDaemon', () => {
  it('starts once for builds at the same time, and not before', async () => {
    start(60_000);
    expect(daemon.pid).toBeUndefined();
    const pids = await Promise.all([1, 2, 3].map(() => daemon.use(async () => daemon.pid)));
    expect(new Set(pids).size).toBe(1);
    expect(await starts()).toBe(1);
    expect(prepared).toBe(1);
  });

  it('stays while somebody builds, and ends a while after', async () => {
    start(1);
    await daemon.use(async () => {
      await daemon.use(async () => undefined);
      expect(daemon.pid).toBeDefined();
    });
    await vi.waitFor(() => expect(daemon.pid).toBeUndefined(), { timeout: 10_000 });
  });

  it('is started again after a crash', async () => {
    start(60_000);
    await daemon.use(async () => process.kill(daemon.pid as number, 'SIGKILL'));
    await vi.waitFor(() => expect(daemon.pid).toBeUndefined(), { timeout: 10_000 });
    expect(cleaned).toBe(1);
    await daemon.use(async () => expect(daemon.pid).toBeDefined());
    expect(await starts()).toBe(2);
  });

  it('ends with its owner', async () => {
    start(60_000);
    const pid = await daemon.use(async () => daemon.pid as number);
    await daemon[Symbol.asyncDispose]();
    expect(isGone(pid)).toBe(true);
    await expect(daemon.use(async () => undefined)).rejects.toThrow('the engine is shutting down');
  });

  it('says where to look when it does not start, and what is missing when it is not there', async () => {
    start(60_000);
    await writeFile(path.join(dir, 'programs/buildkitd'), '#!/bin/sh\nexit 1\n');
    await expect(daemon.use(async () => undefined)).rejects.toThrow(/ended while it started: see .*log$/);
    await rm(path.join(dir, 'programs/buildkitd'));
    await expect(daemon.use(async () => undefined)).rejects.toThrow('building images needs BuildKit');
  });
});
