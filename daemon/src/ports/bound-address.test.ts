import { expect, test } from 'vitest';
import { boundAddress } from './bound-address.ts';

const user = { platform: 'darwin', userId: 501 } as const;

test.each([
  ['127.0.0.1:80 of a Mac’s user', { address: '127.0.0.1', port: 80, who: user }, '0.0.0.0'],
  ['[::1]:443 of a Mac’s user', { address: '::1', port: 443, who: user }, '::'],
  ['127.0.0.1:1024 of a Mac’s user', { address: '127.0.0.1', port: 1024, who: user }, '127.0.0.1'],
  ['127.0.0.1:80 of root', { address: '127.0.0.1', port: 80, who: { ...user, userId: 0 } }, '127.0.0.1'],
  [
    '127.0.0.1:80 on Linux',
    { address: '127.0.0.1', port: 80, who: { ...user, platform: 'linux' } as const },
    '127.0.0.1',
  ],
])('%s', (_, { address, port, who }, bound) => expect(boundAddress(address, port, who)).toBe(bound));
