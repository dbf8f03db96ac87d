import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { berthHome, type BerthHome } from '@berth/daemon/testing';

/* berth's docker context as the stock CLI sees it. Needs root for the linux driver. */

const cli = path.resolve(import.meta.dirname, '../../daemon/src/main.ts');
let home: BerthHome;
let configDir: string;

beforeAll(async () => {
  home = await berthHome();
});
beforeEach(async () => {
  configDir = await mkdtemp(path.join(os.tmpdir(), 'berth-docker-'));
  return () => rm(configDir, { recursive: true, force: true });
});
afterAll(() => home[Symbol.asyncDispose]());

const environment = (more: Record<string, string> = {}) => ({
  ...{ DOCKER_CONFIG: configDir, DOCKER_HOST: '', DOCKER_CONTEXT: '', ...more },
});
const docker = async (...args: string[]) => {
  const { stdout, exitCode, stderr } = await execa('docker', args, { reject: false, env: environment() });
  return { stdout, exitCode, stderr };
};
const removeContext = () =>
  execa(process.execPath, ['--conditions=berth-source', cli, 'context', 'remove'], {
    ...{ reject: false, env: environment() },
  });

test('up --context makes a context that docker lists, uses and can update without losing whose it is', async () => {
  const up = await home.run(['up', '--driver', 'linux', '--context'], { env: environment() });
  expect(up.stdout).toBe(`export DOCKER_HOST=${home.dockerHost}`);
  expect(up.stderr).toContain('`docker context use berth` makes docker use this engine');
  const inspected = JSON.parse((await docker('context', 'inspect', 'berth')).stdout) as { Endpoints: unknown }[];
  expect(inspected[0]!.Endpoints).toEqual({ docker: { Host: home.dockerHost, SkipTLSVerify: false } });
  expect((await docker('context', 'ls', '--format', '{{.Name}} {{.Error}}')).stdout).toBe('berth \ndefault ');
  await docker('context', 'use', 'berth');
  expect(await docker('info', '--format', '{{.ServerVersion}}')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await docker('context', 'update', 'berth', '--docker', 'host=tcp://127.0.0.1:1')).toMatchObject({
    exitCode: 0,
  });
  expect((await home.run(['up', '--context'], { env: environment() })).stderr).toBe('');
  expect((await docker('context', 'inspect', 'berth', '-f', '{{.Endpoints.docker.Host}}')).stdout).toBe(
    home.dockerHost,
  );
});

test('a home of its own takes no context unless it is told to', async () => {
  const up = await home.run(['up'], { env: environment() });
  expect(up).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await docker('context', 'ls', '-q')).stdout).toBe('default');
});

test('settings.json asks for it, and --no-context overrules that', async () => {
  await writeFile(`${home.path}/settings.json`, '{"driver":"linux","context":true}');
  await home.run(['up', '--no-context'], { env: environment() });
  expect((await docker('context', 'ls', '-q')).stdout).toBe('default');
  await home.run(['up'], { env: environment() });
  expect((await docker('context', 'ls', '-q')).stdout).toBe('berth\ndefault');
});

test('a context that cannot be written is a note, not a failure', async () => {
  const file = path.join(configDir, 'file');
  await writeFile(file, '');
  const up = await home.run(['up', '--context'], { env: environment({ DOCKER_CONFIG: file }) });
  expect(up).toMatchObject({ exitCode: 0, stdout: `export DOCKER_HOST=${home.dockerHost}` });
  expect(up.stderr).toMatch(/^berth: no docker context: .*ENOTDIR/);
});

test('context use chooses it, context remove lets it go', async () => {
  expect(await home.run(['context', 'use'], { env: environment() })).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await docker('context', 'show')).stdout).toBe('berth');
  expect(await removeContext()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect((await docker('context', 'show')).stdout).toBe('default');
  expect((await docker('context', 'ls', '-q')).stdout).toBe('default');
  expect(await removeContext()).toMatchObject({ exitCode: 0, stderr: "berth: there is no docker context 'berth'" });
});

test("somebody's own context of that name is left alone", async () => {
  await docker('context', 'create', 'berth', '--docker', 'host=tcp://127.0.0.1:1');
  const before = (await docker('context', 'inspect', 'berth')).stdout;
  const up = await home.run(['up', '--context'], { env: environment() });
  expect(up.exitCode).toBe(0);
  expect(up.stderr).toMatch(/^berth: the docker context 'berth' is not berth's/);
  expect((await home.run(['context', 'use'], { env: environment() })).exitCode).toBe(1);
  expect((await removeContext()).exitCode).toBe(1);
  expect((await docker('context', 'inspect', 'berth')).stdout).toBe(before);
});

test('what overrides the choice is said', async () => {
  const env = environment({ DOCKER_HOST: 'tcp://127.0.0.1:1' });
  const used = await home.run(['context', 'use'], { env });
  expect(used).toMatchObject({ exitCode: 0 });
  expect(used.stderr).toMatch(/^berth: DOCKER_HOST is tcp:\/\/127\.0\.0\.1:1: docker follows that/);
  expect(JSON.parse(await readFile(path.join(configDir, 'config.json'), 'utf8'))).toEqual({ currentContext: 'berth' });
});
