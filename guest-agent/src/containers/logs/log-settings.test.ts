import { describe, expect, test } from 'vitest';
import { validateLogOptions } from '../validate/log-options.ts';
import { formatLog } from './format-log.ts';
import { cacheSettings, fileSettings } from './log-settings.ts';
import { testInfo } from './testing/test-info.ts';

const settings = (options: Record<string, string>, driver: 'json-file' | 'local' = 'json-file') =>
  fileSettings(driver, testInfo(options));

describe('values, with the words of dockerd', () => {
  test.each([
    ['max-size', 'x', "invalid size: 'x'"],
    ['max-size', '-1', "invalid size: '-1'"],
    ['max-size', '10q', "invalid suffix: 'q'"],
    ['max-size', '0', 'max-size must be a positive number'],
    ['max-file', '0', 'max-file cannot be less than 1'],
    ['max-file', 'x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['compress', 'x', 'strconv.ParseBool: parsing "x": invalid syntax'],
    ['compress', 'true', 'compress cannot be true when max-file is less than 2 or max-size is not set'],
    [
      'tag',
      '{{.Nope}}',
      'template: log-tag:1:2: executing "log-tag" at <.Nope>: can\'t evaluate field Nope in type *logger.Info',
    ],
    ['tag', '{{', 'template: log-tag:1: unclosed action'],
  ])('json-file %s=%s', (name, value, why) => {
    expect(() => settings({ [name]: value })).toThrow(why);
  });

  test.each([
    ['max-size', 'x', "invalid value for max-size: x: invalid size: 'x'"],
    ['max-file', '1', 'compression cannot be enabled when max file count is 1'],
    ['compress', 'x', 'error reading compress log option: strconv.ParseBool: parsing "x": invalid syntax'],
  ])('local %s=%s', (name, value, why) => {
    expect(() => settings({ [name]: value }, 'local')).toThrow(why);
  });
});

test('sizes are decimal, buffers binary, as in Docker', () => {
  const asked = { 'max-size': '1.5k', 'max-file': '2', mode: 'non-blocking', 'max-buffer-size': '2KiB' };
  expect(settings(asked)).toMatchObject({ maxBytes: 1500, maxFiles: 2, compress: false, lossyBytes: 2048 });
  expect(settings({}, 'local')).toMatchObject({ maxBytes: 20_000_000, maxFiles: 5, compress: true });
});

test('the copy for docker logs has options of its own', () => {
  expect(cacheSettings({ 'cache-disabled': 'true' })).toBeNull();
  const asked = { 'cache-max-size': '1m', 'cache-max-file': '2', 'cache-compress': 'false', 'max-size': '5m' };
  expect(cacheSettings(asked)).toMatchObject({ maxBytes: 1_000_000, maxFiles: 2, compress: false });
});

test('labels, variables and tag go into every line', () => {
  const asked = { labels: 'l1,l2', env: 'A', 'env-regex': '^AB', tag: '{{.Name}}/{{ .ID }}' };
  expect(settings(asked).attributes).toEqual({ A: 'b c', ABC: '2', l1: 'v1', tag: `web/${'a'.repeat(12)}` });
});

test('details are escaped as Go escapes a query', () => {
  const entry = {
    stream: 'stdout',
    time: '2026-01-02T03:04:05.6Z',
    line: 'hi\n',
    attributes: { A: "b c'(x)" },
  } as const;
  const format = { timestamps: false, details: true, framed: false };
  expect(formatLog([entry], format).toString()).toBe('A=b+c%27%28x%29 hi\n');
  const timed = formatLog([entry, entry], { timestamps: true, details: false, framed: true });
  const line = `\x01\0\0\0\0\0\0\x22${'2026-01-02T03:04:05.600000000Z'} hi\n`;
  expect(timed.toString()).toBe(line + line);
});

test.each([
  ['json-file', { x: '1' }, "unknown log opt 'x' for json-file log driver"],
  ['local', { labels: 'a' }, "unknown log opt 'labels' for log driver local"],
  ['json-file', { mode: 'x' }, 'logger: logging mode not supported: x'],
  [
    'json-file',
    { 'max-buffer-size': '1m' },
    "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  ],
  [
    'local',
    { mode: 'non-blocking', 'max-buffer-size': 'x' },
    "error parsing option max-buffer-size: invalid size: 'x'",
  ],
  ['json-file', { 'cache-disabled': 'maybe' }, 'invalid value for option cache-disabled: maybe'],
  ['syslog', { foo: 'x' }, "unknown log opt 'foo' for syslog log driver"],
  ['syslog', { 'syslog-address': 'foo://x' }, "unsupported scheme: 'foo'"],
  ['syslog', { 'syslog-address': 'unix:///nope' }, 'stat /nope: no such file or directory'],
  ['syslog', { 'syslog-address': '://x' }, 'parse "://x": missing protocol scheme'],
  ['syslog', { 'syslog-address': 'tcp://a:b:c' }, 'parse "tcp://a:b:c": invalid port ":c" after host'],
  ['syslog', { 'syslog-facility': 'x' }, 'invalid syslog facility'],
  ['syslog', { 'syslog-facility': '24' }, 'invalid syslog facility'],
  ['syslog', { 'syslog-format': 'x' }, 'Invalid syslog format'],
  ['fluentd', { foo: 'x' }, "unknown log opt 'foo' for fluentd log driver"],
  ['fluentd', { 'fluentd-address': 'unix:///' }, 'invalid fluentd-address (unix:///): path is empty'],
  ['fluentd', { 'fluentd-address': 'foo://x' }, "invalid fluentd-address (foo://x): unsupported scheme: 'foo'"],
  [
    'fluentd',
    { 'fluentd-address': 'tcp://x/y' },
    'invalid fluentd-address (tcp://x/y): should not contain a path element',
  ],
  [
    'fluentd',
    { 'fluentd-address': 'x:99999' },
    'invalid fluentd-address (x:99999): invalid port: strconv.ParseUint: parsing "99999": value out of range',
  ],
  [
    'fluentd',
    { 'fluentd-address': 'x:abc' },
    'invalid fluentd-address (x:abc): parse "tcp://x:abc": invalid port ":abc" after host',
  ],
  ['fluentd', { 'fluentd-retry-wait': 'x' }, 'time: invalid duration "x"'],
  ['fluentd', { 'fluentd-max-retries': '-1' }, 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['fluentd', { 'fluentd-async': 'x' }, 'strconv.ParseBool: parsing "x": invalid syntax'],
  ['fluentd', { 'fluentd-buffer-limit': 'x' }, "invalid size: 'x'"],
  [
    'fluentd',
    { 'fluentd-write-timeout': 'x' },
    'invalid value for fluentd-write-timeout: value must be a duration: time: invalid duration "x"',
  ],
  [
    'fluentd',
    { 'fluentd-write-timeout': '-1s' },
    'invalid value for fluentd-write-timeout: value must be a duration that is non-negative',
  ],
  [
    'fluentd',
    { 'fluentd-async-reconnect-interval': '1ms' },
    'invalid value for fluentd-async-reconnect-interval: value ("1ms") must be between 100ms and 10s',
  ],
  ['gelf', {}, 'gelf-address is a required parameter'],
  ['gelf', { 'gelf-address': 'x' }, 'gelf: endpoint needs to be TCP or UDP'],
  ['gelf', { 'gelf-address': 'udp://x' }, 'gelf: please provide gelf-address as proto://host:port'],
  ['gelf', { 'gelf-address': 'udp://h:9', foo: 'x' }, 'unknown log opt "foo" for gelf log driver'],
  [
    'gelf',
    { 'gelf-address': 'udp://h:9', 'gelf-compression-type': 'x' },
    'unknown value "x" for log opt "gelf-compression-type" for gelf log driver',
  ],
  [
    'gelf',
    { 'gelf-address': 'udp://h:9', 'gelf-compression-level': '10' },
    'unknown value "10" for log opt "gelf-compression-level" for gelf log driver',
  ],
  ['gelf', { 'gelf-address': 'tcp://h:9', 'gelf-compression-level': '1' }, 'compression is only supported on UDP'],
  [
    'gelf',
    { 'gelf-address': 'udp://h:9', 'gelf-tcp-max-reconnect': '1' },
    '"gelf-tcp-max-reconnect" is only valid for TCP',
  ],
  [
    'gelf',
    { 'gelf-address': 'tcp://h:9', 'gelf-tcp-max-reconnect': 'x' },
    '"gelf-tcp-max-reconnect" must be a positive integer',
  ],
  ['journald', { foo: 'x' }, "unknown log opt 'foo' for journald log driver"],
])('refused at create: %s %o', (driver, options, why) => {
  expect(() => validateLogOptions(driver, options as Record<string, string>)).toThrow(why);
});
