import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDocker } from '../helpers/berth.ts';

/* What belongs to the user's own folder and the default home in it. Needs root for the linux driver. */

const cli = path.resolve(import.meta.dirname, '../../daemon/bin/berth.js');
let user: string;

beforeEach(async () => {
  // Not the default folder for scratch files: that may be on a tmpfs.
  user = await mkdtemp('/var/tmp/berth-');
});
afterEach(async () => {
  await berth('down');
  await rm(user, { recursive: true, force: true });
});

const berth = (...args: string[]) =>
  execa(process.execPath, [cli, ...args], {
    reject: false,
    env: { HOME: user, XDG_CONFIG_HOME: '', BERTH_HOME: '', DOCKER_CONFIG: path.join(user, '.docker') },
  });
const socket = () => path.join(user, '.docker/run/docker.sock');
const ping = (place: string) =>
  runDocker(`unix://${place}`, ['version', '-f', '{{.Server.Os}}'], { input: '', timeoutMs: 20_000 });

test("the default home's engine is found at the user's socket, until it is down or opted out of", async () => {
  expect((await berth('up', '--driver', 'linux')).stdout).toBe(`export DOCKER_HOST=unix://${user}/.berth/docker.sock`);
  expect(await realpath(socket())).toBe(path.join(user, '.berth/docker.sock'));
  expect(await ping(socket())).toMatchObject({ stdout: 'linux', exitCode: 0 });
  await berth('down');
  await expect(stat(socket())).rejects.toThrow('ENOENT');

  await writeFile(path.join(user, '.berth/settings.json'), '{"driver":"linux","userSocket":false}');
  expect((await berth('up')).exitCode).toBe(0);
  await expect(stat(socket())).rejects.toThrow('ENOENT');
});

test('starting at login is set up and taken back', async () => {
  const unit = path.join(user, '.config/systemd/user/berth.service');
  expect((await berth('login-item', 'status')).stdout).toBe('disabled');
  expect((await berth('login-item', 'enable')).stdout).toBe(`enabled: ${unit}`);
  expect(await readFile(unit, 'utf8')).toContain(`"${cli}" "up" "--home" "${user}/.berth"`);
  expect((await berth('login-item', 'status')).stdout).toBe(`enabled: ${unit}`);
  expect((await berth('login-item', 'status', '--home', os.tmpdir())).stdout).toContain('enabled for another');
  expect((await berth('login-item', 'disable')).stdout).toBe('disabled');
  expect((await berth('login-item', 'status')).stdout).toBe('disabled');
});
