import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { berthUp, daemonLink } from './daemon-link.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'berth-link-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** A `berth` on the PATH that is this script. */
async function install(script: string): Promise<void> {
  await writeFile(path.join(dir, 'berth'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${dir}:/usr/bin:/bin`);
}

test('where berth is not installed the app says so', async () => {
  vi.stubEnv('PATH', dir);
  await expect(berthUp('/home/me/.berth')()).rejects.toThrow('the berth command is not on the PATH');
});

test('why it did not come up is said in its last words', async () => {
  await install('echo "berth: kernel" >&2; echo "berth: no driver can be used" >&2; exit 1');
  await expect(berthUp('/home/me/.berth')()).rejects.toThrow(/^no driver can be used$/);
});

test('only a start brings a daemon up that is not there, for its own home', async () => {
  const socketPath = path.join(dir, 'control.sock');
  await install(`echo "$@" >${dir}/asked`);
  const server = createServer((_request, response) => void response.end('{"state":"running"}'));
  const bringUp = async () => {
    await berthUp('/home/me/.berth')();
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  };
  const link = daemonLink({ socketPath, bringUp });
  await expect(link.call('stop', {})).rejects.toThrow('the daemon is not running');
  expect(await link.call('start', {})).toEqual({ state: 'running' });
  server.close();
});
