import { describe, expect, test } from 'vitest';
import { parseBind } from './create-steps/parse-bind.ts';
import { NameRegistry } from './name-registry.ts';
import { restartDelayMs, startsAtBoot, type RestartQuestion } from './restart-policy.ts';
import { parseSignal } from './signals.ts';
import { hostsFile, resolvConf } from './start-steps/network-files.ts';
import { translateStartError } from './start-steps/start-error.ts';
import { DetachKeys, parseDetachKeys } from './stdio/detach-keys.ts';
import { OutputHub } from './stdio/output-hub.ts';
import { parseCpuList } from './validate/cpu-list.ts';
import { humanDuration } from './views/state-view.ts';

describe('restart policies', () => {
  const question: RestartQuestion = {
    policy: { Name: 'always', MaximumRetryCount: 0 },
    exitCode: 1,
    restartCount: 0,
    stoppedByUser: false,
    ranMs: 50,
    previousDelayMs: 0,
  };
  const delay = (more: Partial<RestartQuestion>) => restartDelayMs({ ...question, ...more });
  const onFailure = (MaximumRetryCount: number) => ({ Name: 'on-failure', MaximumRetryCount });

  test('the delay doubles up to a minute and starts over after a sound run', () => {
    expect(delay({})).toBe(100);
    expect(delay({ previousDelayMs: 100 })).toBe(200);
    expect(delay({ previousDelayMs: 50_000 })).toBe(60_000);
    expect(delay({ previousDelayMs: 50_000, ranMs: 10_000 })).toBe(100);
  });
  test('on-failure looks at the exit code and counts', () => {
    expect(delay({ policy: onFailure(0), exitCode: 0 })).toBeNull();
    expect(delay({ policy: onFailure(2), restartCount: 1 })).toBe(100);
    expect(delay({ policy: onFailure(2), restartCount: 2 })).toBeNull();
  });
  test('no policy, or a stop on request', () => {
    expect(delay({ policy: { Name: 'no', MaximumRetryCount: 0 } })).toBeNull();
    expect(delay({ stoppedByUser: true })).toBeNull();
  });
  test('at boot', () => {
    const state = { hasRun: true, stoppedByUser: true, exitCode: 137, restartCount: 1 };
    const onFailureAtBoot = (max: number, more = {}) => startsAtBoot(onFailure(max), { ...state, ...more });
    expect([onFailureAtBoot(0), onFailureAtBoot(2), onFailureAtBoot(1), onFailureAtBoot(0, { exitCode: 0 })]).toEqual([
      ...[true, true, false, false],
    ]);
    expect(startsAtBoot({ Name: 'always', MaximumRetryCount: 0 }, state)).toBe(true);
    expect(startsAtBoot({ Name: 'unless-stopped', MaximumRetryCount: 0 }, state)).toBe(false);
    expect(startsAtBoot({ Name: 'unless-stopped', MaximumRetryCount: 0 }, { ...state, stoppedByUser: false })).toBe(
      true,
    );
    expect(startsAtBoot({ Name: 'always', MaximumRetryCount: 0 }, { ...state, hasRun: false })).toBe(false);
  });
});

describe('binds', () => {
  test('a folder, a volume, an anonymous volume', () => {
    expect(parseBind('/a/../b:/c/:ro', '')).toMatchObject({
      type: 'bind',
      source: '/b',
      destination: '/c',
      readWrite: false,
    });
    expect(parseBind('vol:/c:nocopy', '')).toMatchObject({ type: 'volume', name: 'vol', copyUp: false });
    expect(parseBind('/c', '')).toMatchObject({ type: 'volume', name: '', destination: '/c', copyUp: true });
  });
  test.each([
    ['a:b:c:d', "invalid volume specification: 'a:b:c:d'"],
    ['/a:rw', "invalid volume specification: '/a:rw'"],
    ['/a:/b:nope', 'invalid mode: nope'],
    ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
    [
      '/a:/',
      `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
    ],
  ])('%s: %s', (bind, message) => {
    expect(() => parseBind(bind, '')).toThrow(message);
  });
});

test('names', () => {
  const names = new NameRegistry();
  expect(names.reserve('/web', 'id1')).toBe('web');
  expect(() => names.reserve('web', 'id2')).toThrow(
    'Conflict. The container name "/web" is already in use by container "id1". You have to remove (or rename) that container to be able to reuse that name.',
  );
  expect(() => names.reserve('-x', 'id2')).toThrow(
    'Invalid container name (-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  );
  names.release('web');
  expect(names.reserve('web', 'id2')).toBe('web');
  expect(names.reserve('', 'id3')).toMatch(/^[a-z]+_[a-z]+$/);
});

test('signals', () => {
  expect(['KILL', 'sigterm', '9', 'RTMIN+3', 'RTMAX'].map(parseSignal)).toEqual([9, 15, 9, 37, 64]);
  for (const wrong of ['FOO', '0', 'RTMIN+99', ''])
    expect(() => parseSignal(wrong)).toThrow(`invalid signal: ${wrong}`);
});

describe('detach keys', () => {
  const typed = (keys: DetachKeys, ...chunks: string[]) => chunks.map((chunk) => keys.push(Buffer.from(chunk)));

  test('the sequence detaches, also in two pieces; what only began like it is passed on', () => {
    const keys = new DetachKeys(parseDetachKeys('ctrl-p,ctrl-q') as Buffer);
    const [first, second, third] = typed(keys, 'a\x10', 'b\x10', '\x11');
    expect(first).toEqual({ input: Buffer.from('a'), detached: false });
    expect(second).toEqual({ input: Buffer.from('\x10b'), detached: false });
    expect(third).toEqual({ input: Buffer.alloc(0), detached: true });
  });
  test('their names', () => {
    expect(parseDetachKeys('a,ctrl-@,ctrl-[')).toEqual(Buffer.from([97, 0, 27]));
    expect(parseDetachKeys('')).toBeNull();
    expect(() => parseDetachKeys('ctrl-1')).toThrow('Invalid detach keys (ctrl-1) provided');
  });
});

test('output waits for its slowest reader and goes on when that has left', async () => {
  const hub = new OutputHub();
  const calls: string[] = [];
  hub.addSource({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  const { promise, resolve } = Promise.withResolvers<void>();
  const chunks: string[] = [];
  hub.subscribe({ write: () => promise });
  const leave = hub.subscribe({ write: (stream, chunk) => void chunks.push(`${stream}:${chunk.toString()}`) });
  hub.emit('stdout', Buffer.from('a'));
  hub.emit('stderr', Buffer.from('b'));
  expect(calls).toEqual(['pause']);
  resolve();
  await promise;
  await Promise.resolve();
  expect(calls).toEqual(['pause', 'resume']);
  leave();
  hub.emit('stdout', Buffer.from('c'));
  expect(chunks).toEqual(['stdout:a', 'stderr:b']);
});

test('/etc/hosts and resolv.conf', () => {
  const hosts = hostsFile({
    hostname: 'h',
    domainname: 'd.example',
    addresses: ['172.17.0.2'],
    extraHosts: ['a:1.2.3.4', 'b:::1'],
    links: ['172.17.0.3\tdb abc'],
  });
  expect(hosts.split('\n').slice(-5)).toEqual([
    ...['1.2.3.4\ta', '::1\tb', '172.17.0.3\tdb abc', '172.17.0.2\th.d.example h', ''],
  ]);
  const machine = 'nameserver 127.0.0.53\nnameserver 9.9.9.9\nsearch lan\noptions ndots:2\n';
  const none = { hasResolver: false, dns: [], options: [], search: [] };
  expect(resolvConf(machine, { isHost: false, ...none })).toBe('nameserver 9.9.9.9\nsearch lan\noptions ndots:2\n');
  expect(resolvConf(machine, { isHost: true, ...none })).toContain('nameserver 127.0.0.53\n');
  expect(resolvConf(machine, { isHost: false, hasResolver: false, dns: ['1.1.1.1'], options: [], search: ['.'] })).toBe(
    'nameserver 1.1.1.1\noptions ndots:2\n',
  );
});

test('why a start failed becomes Docker’s exit code', () => {
  const failure = (text: string) => translateStartError(new Error(text));
  const prefix =
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "x": ';
  expect(failure(`${prefix}executable file not found in $PATH: unknown`)).toMatchObject({
    exitCode: 127,
    message: `failed to create task for container: ${prefix}executable file not found in $PATH`,
  });
  expect(failure(`${prefix}permission denied: unknown`).exitCode).toBe(126);
  expect(failure(`${prefix}something else`).exitCode).toBe(128);
});

test('lists of CPUs', () => {
  expect(parseCpuList('0-2,7')).toEqual([0, 1, 2, 7]);
  expect(parseCpuList('')).toEqual([]);
  for (const wrong of ['x', '3-1', '1,', '0, 1']) expect(parseCpuList(wrong)).toBe(`invalid format: ${wrong}`);
  expect(parseCpuList('9999')).toBe('value of out range, maximum is 8192');
});

test.each([
  [0.5, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [125, '2 minutes'],
  [3600, 'About an hour'],
  [7200, '2 hours'],
  [86400 * 3, '3 days'],
  [86400 * 20, '2 weeks'],
  [86400 * 100, '3 months'],
  [86400 * 800, '2 years'],
])('%d seconds: %s', (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});
