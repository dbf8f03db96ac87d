import { existsSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { berthHome, until, type BerthHome } from '@berth/daemon/testing';
import { agentPid } from '../helpers/berth.ts';

/* A container and its published port outlive the daemon and the agent (linux driver, needs root). */

const sample = path.resolve(import.meta.dirname, '../../vm-images/out/sample-busybox.tar');
const skip = existsSync(sample) ? false : 'there is no sample image: run scripts/setup';
const soon = { timeoutMs: 20_000 };

let home: BerthHome;

beforeAll(async () => {
  home = await berthHome();
});
afterAll(() => home[Symbol.asyncDispose]());

async function docker(...args: string[]): Promise<string> {
  return (await execa('docker', ['-H', home.dockerHost, ...args])).stdout;
}

async function fetchFrom(host: string, port: string): Promise<number> {
  return (await fetch(`http://${host}:${port}/`)).status;
}

test.skipIf(skip)(`a published port comes back on the same number${skip ? ` (skipped: ${skip})` : ''}`, async () => {
  await home.run(['up', '--driver', 'linux']);
  await docker('load', '-i', sample);
  await docker('run', '-d', '--name', 'web', '-p', '80', 'busybox', 'httpd', '-f');
  const port = (await docker('port', 'web', '80/tcp')).match(/:(\d+)$/m)![1]!;
  for (const host of ['127.0.0.1', '[::1]']) expect(await fetchFrom(host, port)).toBe(404);

  process.kill((await home.daemonPid())!, 'SIGKILL');
  await expect(fetchFrom('127.0.0.1', port)).rejects.toThrow();
  await home.run(['up']);
  for (const host of ['127.0.0.1', '[::1]']) expect(await fetchFrom(host, port)).toBe(404);
  expect((await home.status()).warnings).toEqual([]);

  const agent = () => agentPid(home.path);
  const killed = agent();
  process.kill(killed, 'SIGKILL');
  expect(await fetchFrom('127.0.0.1', port)).toBe(404);
  await until(() => agent() !== killed, { ...soon, what: 'another agent' });
  const listed = () => docker('ps', '--format', '{{.Names}} {{.Ports}}').catch(() => null);
  expect(await until(listed, { ...soon, what: 'an answer of the engine' })).toContain(`web 0.0.0.0:${port}->80/tcp`);
  expect(await fetchFrom('127.0.0.1', port)).toBe(404);

  await docker('rm', '-f', 'web');
  await expect(fetchFrom('127.0.0.1', port)).rejects.toThrow();
});
