import { describe, expect, test } from 'vitest';
import { containerConfig } from '../../api/engine/container-config.ts';
import { hostConfig } from '../../api/engine/host-config.ts';
import type { ContainerRecord } from '../container.ts';
import { validateLogOptions } from '../validate/log-options.ts';
import { formatLogLine } from './format-line.ts';
import { logSettings } from './log-settings.ts';

const settings = (Config: Record<string, string>, Type = 'json-file') => {
  const record = {
    id: 'a'.repeat(64),
    name: 'web',
    path: 'sh',
    args: ['-c'],
    imageId: 'sha256:abc',
    config: { ...containerConfig.zero(), Env: ['A=b c', 'ABC=2'], Labels: { l1: 'v1' }, Image: 'busybox' },
    hostConfig: { ...hostConfig.zero(), LogConfig: { Type, Config } },
  } as unknown as ContainerRecord;
  return logSettings(record, 'laptop');
};
const failed = (why: string) => `failed to create task for container: failed to initialize logging driver: ${why}`;

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
    expect(() => settings({ [name]: value })).toThrow(failed(why));
  });

  test.each([
    ['max-size', 'x', "invalid value for max-size: x: invalid size: 'x'"],
    ['max-file', '1', 'compression cannot be enabled when max file count is 1'],
    ['compress', 'x', 'error reading compress log option: strconv.ParseBool: parsing "x": invalid syntax'],
  ])('local %s=%s', (name, value, why) => {
    expect(() => settings({ [name]: value }, 'local')).toThrow(failed(why));
  });
});

test('sizes are decimal, buffers binary, as in Docker', () => {
  const asked = { 'max-size': '1.5k', 'max-file': '2', mode: 'non-blocking', 'max-buffer-size': '2KiB' };
  expect(settings(asked)).toMatchObject({ maxBytes: 1500, maxFiles: 2, compress: false, lossyBytes: 2048 });
  expect(settings({}, 'local')).toMatchObject({ maxBytes: 20_000_000, maxFiles: 5, compress: true });
  expect(settings({}, 'none')).toBeNull();
});

test('labels, variables and tag go into every line', () => {
  const asked = { labels: 'l1,l2', env: 'A', 'env-regex': '^AB', tag: '{{.Name}}/{{ .ID }}' };
  expect(settings(asked)?.attributes).toEqual({ A: 'b c', ABC: '2', l1: 'v1', tag: `web/${'a'.repeat(12)}` });
});

test('details are escaped as Go escapes a query', () => {
  const entry = { stream: 'stdout', timeNs: 0n, line: 'hi\n', attributes: { A: "b c'(x)" } } as const;
  expect(formatLogLine(entry, { timestamps: false, details: true }).toString()).toBe('A=b+c%27%28x%29 hi\n');
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
])('refused at create: %s %o', (driver, options, why) => {
  expect(() => validateLogOptions(driver, options as Record<string, string>)).toThrow(why);
});
