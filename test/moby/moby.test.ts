import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Berth, startBerth } from '../helpers/berth.ts';
import { makeImages } from './images.ts';
import { prepareSource, runPackage, type Results } from './run-package.ts';

/**
 * moby's own integration tests (v28.5.2) against this engine. They are no part of this repository: BERTH_MOBY_SOURCE
 * names a checkout. What a real dockerd passes, this one has to pass; see expected/.
 */
const source = process.env['BERTH_MOBY_SOURCE'] ?? null;

interface Expected {
  package: string;
  /** Passed or skipped by a dockerd 28.5.2 on such a machine. */
  pass: string[];
  /** Test → why a dockerd does not pass it here either, or why berth does not yet. */
  fail: Record<string, string>;
  /** They start a dockerd binary of their own, whatever DOCKER_HOST says. */
  ownDaemon: string[];
  /** For the tests' own process. */
  env?: Record<string, string>;
  /** What busybox:latest is: 'static' (absent) is a newer one, which does not list the routes that some tests count. */
  busybox?: string;
}

const folder = path.join(import.meta.dirname, 'expected');
const packages = await Promise.all(
  (await readdir(folder))
    .sort()
    .map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Expected),
);

let berth: Berth;
let workDir: string;
let checkout: string;

beforeAll(async () => {
  if (source === null) return;
  workDir = await mkdtemp(path.join(os.tmpdir(), 'berth-moby-'));
  berth = await startBerth('linux', { loadSample: false });
  await makeImages(berth.dockerHost, workDir);
  checkout = await prepareSource(source, workDir);
}, 1_200_000);

afterAll(async () => {
  await berth?.[Symbol.asyncDispose]();
  if (workDir) await rm(workDir, { recursive: true, force: true });
});

describe.skipIf(source === null).each(packages)(`moby's $package (needs BERTH_MOBY_SOURCE)`, (expected) => {
  let results: Results;

  beforeAll(async () => {
    await berth.docker(['tag', `busybox:${expected.busybox ?? 'static'}`, 'busybox:latest']);
    results = await runPackage(checkout, { ...expected, dockerHost: berth.dockerHost, skip: expected.ownDaemon });
  }, 1_200_000);

  test.each(expected.pass)('%s', (name) => {
    const result = results.get(name);
    expect(result?.outcome, result?.output ?? 'it did not run').toMatch(/^(pass|skip)$/);
  });

  test('knows every test of the package', () => {
    const known = [...expected.pass, ...Object.keys(expected.fail), ...expected.ownDaemon];
    expect([...results.keys()].filter((name) => !name.includes('/') && !known.includes(name))).toEqual([]);
  });
});
