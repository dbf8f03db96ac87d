import { expect, test } from 'vitest';
import { portUrl } from './port-url.ts';

test.each([
  ['', 'http://localhost:80/'],
  ['127.0.0.1', 'http://127.0.0.1:80/'],
  ['::1', 'http://[::1]:80/'],
])('a port published on "%s" is at %s', (address, url) => expect(portUrl({ address, hostPort: 80 })).toBe(url));
