import { expect, test } from 'vitest';
import { parseCount, parseSize } from './arguments.ts';
import { exportLine } from './export-line.ts';
import { browserCommand } from './open-in-browser.ts';
import { readableLine } from '../logs/readable-line.ts';
import { shellQuote } from './shell-quote.ts';
import { statusText } from './status.ts';

test.each([
  ['4GiB', 4096],
  ['4g', 4096],
  ['512M', 512],
  ['1.5gb', 1536],
  ['2048', 2048],
  ['1t', 1024 * 1024],
])('memory %s is %d MiB', (text, size) => expect(parseSize(text, 'MiB')).toBe(size));

test('a bare number is in the unit of its option', () => expect(parseSize('64', 'GiB')).toBe(64));

test.each(['', 'many', '-1', '4KiB', '0.3', '4 GiB extra'])('a size of "%s" is refused', (text) => {
  expect(() => parseSize(text, 'MiB')).toThrow('expected');
});

test.each(['', '-1', '1.5', 'x'])('a count of "%s" is refused', (text) => {
  expect(() => parseCount(text)).toThrow('expected a whole number');
});

test('quotes for the shell only what needs it', () => {
  expect(shellQuote('unix:///home/me/.berth/docker.sock')).toBe('unix:///home/me/.berth/docker.sock');
  expect(shellQuote("unix:///it's here")).toBe(`'unix:///it'\\''s here'`);
});

test.each([
  ['linux', '/bin/bash', "export DOCKER_HOST='unix:///a b'"],
  ['win32', '/usr/bin/bash', "export DOCKER_HOST='unix:///a b'"],
  ['win32', null, "$Env:DOCKER_HOST = 'unix:///a b'"],
])('the line that sets DOCKER_HOST on %s in %s', (platform, shell, line) => {
  expect(exportLine('DOCKER_HOST', 'unix:///a b', { platform, shell })).toBe(line);
});

test('shows our own log lines for people and leaves others alone', () => {
  const line = '{"level":40,"time":"2026-01-02T03:04:05.000Z","port":80,"err":{"message":"taken"},"msg":"no port"}';
  expect(readableLine(line)).toBe('2026-01-02T03:04:05.000Z warn  no port port=80 taken');
  expect(readableLine('time="x" level=warning')).toBe('time="x" level=warning');
  expect(readableLine('{"level":30,cut')).toBe('{"level":30,cut');
});

test('status for people leaves out what is not known', () => {
  const text = statusText({
    state: 'failed',
    driver: 'qemu',
    accelerator: null,
    architecture: 'arm64',
    dockerHost: 'unix:///s',
    cpus: 2,
    memoryMiB: 1024,
    diskGiB: 64,
    lastStart: { startedAt: '', adopted: false, totalMs: 1234, phases: [{ phase: 'engine', atMs: 1200 }] },
    halted: null,
    problem: 'no kernel',
    warnings: ['port 80'],
  });
  expect(text).toBe(
    'state        failed\ndriver       qemu\nprocessor    arm64\ndocker host  unix:///s\ncpus         2\nmemory       1024 MiB\ndisk         64 GiB\n' +
      'last start   1.2 s (engine 1.2 s)\nproblem      no kernel\nwarning      port 80\n',
  );
});

test.each([
  ['linux', 'xdg-open'],
  ['darwin', 'open'],
  ['win32', 'rundll32'],
] as const)('a link is opened on %s by %s, as one argument', (platform, program) => {
  const [command, args] = browserCommand(platform, 'http://127.0.0.1:1/open?token=a&b');
  expect(command).toBe(program);
  expect(args.at(-1)).toBe('http://127.0.0.1:1/open?token=a&b');
});
