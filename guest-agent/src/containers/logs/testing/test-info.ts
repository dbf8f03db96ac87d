import type { LogInfo } from '../log-info.ts';

/** A container named 'web', for tests. */
export const testInfo = (options: Record<string, string>): LogInfo => ({
  options,
  id: 'a'.repeat(64),
  name: 'web',
  entrypoint: 'sh',
  args: ['-c', 'true'],
  imageId: 'sha256:0123456789',
  imageName: 'busybox',
  created: '2026-01-02T03:04:05Z',
  labels: new Map([['l1', 'v1']]),
  env: new Map([
    ['A', 'b c'],
    ['ABC', '2'],
  ]),
  hostname: 'laptop',
});
