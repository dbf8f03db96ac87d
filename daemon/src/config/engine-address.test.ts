import { expect, test } from 'vitest';
import { controlSocketIn } from '../api/home.ts';
import { dockerPipe, engineAddress, isPipe } from './engine-address.ts';

test('on Linux and macOS the engine is a socket in its home', () => {
  const host = { platform: 'darwin', defaultHome: '/Users/me/.berth' };
  expect(engineAddress('/Users/me/.berth', host)).toEqual({
    ...{ socket: '/Users/me/.berth/docker.sock', dockerHost: 'unix:///Users/me/.berth/docker.sock' },
  });
});

test('on Windows it is a pipe, and another home has another', () => {
  const host = { platform: 'win32', defaultHome: 'C:\\Users\\me\\.berth' };
  expect(engineAddress(host.defaultHome, host)).toEqual({
    ...{ socket: '//./pipe/berth_engine', dockerHost: 'npipe:////./pipe/berth_engine' },
  });
  const [one, two] = ['D:\\one', 'D:\\two'].map((home) => engineAddress(home, host).socket);
  expect(one).toMatch(/^\/\/\.\/pipe\/berth_engine_[0-9a-f]{8}$/);
  expect(two).not.toBe(one);
  expect(engineAddress('d:\\ONE', host).socket).toBe(one);
  expect(engineAddress('c:\\users\\me\\.berth', host).socket).toBe('//./pipe/berth_engine');
});

test('the control API has a pipe for each home', () => {
  expect(controlSocketIn('C:\\Users\\me\\.berth', 'win32')).toMatch(/^\/\/\.\/pipe\/berth_control_[0-9a-f]{8}$/);
  expect(controlSocketIn('/home/me/.berth', 'linux')).toBe('/home/me/.berth/control.sock');
});

test.each([
  [dockerPipe, true],
  ['\\\\.\\pipe\\docker_engine', true],
  ['\\\\?\\pipe\\x', true],
  ['/var/run/docker.sock', false],
  ['//server/pipe/x', false],
])('%s is a pipe: %s', (address, pipe) => {
  expect(isPipe(address)).toBe(pipe);
});
