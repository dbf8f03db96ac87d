import { expect, test } from 'vitest';
import { HostPaths } from './host-paths.ts';

const paths = new HostPaths('/run/berth/engine.sock', ['/home/me/.berth/docker.sock']);

test.each([
  '/var/run/docker.sock',
  '//var/run/docker.sock',
  '/run/../run/docker.sock',
  '/home/me/.berth/docker.sock',
  '//./pipe/docker_engine',
  '\\\\.\\pipe\\docker_engine',
  '/pipe/berth_engine',
])('%s is the engine', (source) => expect(paths.inMachine(source)).toBe('/run/berth/engine.sock'));

test.each(['/var/run', '/var/run/docker.sock/x', '/home/other/.berth/docker.sock', '/data'])('%s is itself', (source) =>
  expect(paths.inMachine(source)).toBe(source),
);
