import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configuredRuntimes, defaultRuntime } from './configured-runtimes.ts';
import { runcOptions, runtimeOf } from './oci-runtime.ts';

let scriptsDir: string;
const has =
  (...programs: string[]) =>
  (name: string) =>
    programs.includes(name);
beforeEach(async () => {
  scriptsDir = path.join(await mkdtemp(path.join(os.tmpdir(), 'runtimes-')), 'scripts');
});
afterEach(() => rm(path.dirname(scriptsDir), { recursive: true, force: true }));
const read = (json: Parameters<typeof configuredRuntimes>[0], ...programs: string[]) =>
  configuredRuntimes(json, { hasProgram: has(...programs), scriptsDir });

test('runc is always known, crun where it is installed', () => {
  expect(Object.keys(read({}))).toEqual(['runc', 'io.containerd.runc.v2']);
  const runtimes = read({}, 'crun');
  expect(runcOptions(runtimeOf({ runtimes }, 'crun'))).toEqual({ binaryName: 'crun' });
});

test('arguments go into a script of the runtime’s own', async () => {
  const runtimes = read({ mine: { path: '/bin/mine', runtimeArgs: ['--debug', '--x=1'] } }, '/bin/mine');
  const script = runtimeOf({ runtimes }, 'mine').binaryName ?? '';
  expect(await readFile(script, 'utf8')).toBe('#!/bin/sh\n/bin/mine --debug --x=1 "$@"\n');
  expect((await stat(script)).mode & 0o777).toBe(0o700);
  expect(runtimes['mine']?.view).toEqual({ path: '/bin/mine', runtimeArgs: ['--debug', '--x=1'] });
});

test('a program with arguments that is gone is refused when it is asked for', () => {
  const runtimes = read({ gone: { path: '/bin/gone', runtimeArgs: ['x'] } });
  expect(() => runtimeOf({ runtimes }, 'gone')).toThrow(
    'error while looking up the specified runtime path: stat /bin/gone: no such file or directory',
  );
});

test('a shim by its type, with options', () => {
  const runtimes = read({ debug: { runtimeType: 'io.containerd.runc.v2', options: { BinaryName: '/bin/x' } } });
  expect(runcOptions(runtimeOf({ runtimes }, 'debug'))).toEqual({ binaryName: '/bin/x' });
  expect(runtimeOf({ runtimes }, 'io.containerd.other.v1').shim).toBe('io.containerd.other.v1');
});

test.each([
  [{ runc: { path: '/x' } }, "runtime name 'runc' is reserved"],
  [{ a: {} }, 'runtime a: either a runtimeType or a path must be configured'],
  [
    { a: { path: '/x', runtimeType: 'b.c' } },
    'runtime a: cannot configure both path and runtimeType for the same runtime',
  ],
  [{ a: { path: '/x', options: { A: 1 } } }, 'runtime a: options cannot be used with a path runtime'],
  [{ a: { runtimeType: 'b.c', runtimeArgs: ['x'] } }, 'runtime a: args cannot be used with a runtimeType runtime'],
])('%j: %s', (json, message) => expect(() => read(json)).toThrow(message));

test.each(['nope', '/bin/sh', '.x', ''])('%j is no runtime', (name) => {
  expect(() => runtimeOf({ runtimes: read({}) }, name)).toThrow(`unknown or invalid runtime name: ${name}`);
});

test('the default has to exist', () => {
  expect(defaultRuntime(undefined, read({}))).toBe('runc');
  expect(() => defaultRuntime('nope', read({}))).toThrow("specified default runtime 'nope' does not exist");
});
