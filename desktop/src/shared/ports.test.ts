import { expect, test } from 'vitest';
import { portText, portUrl } from './ports.ts';

test.each([
  ['', 'http://localhost:80/'],
  ['127.0.0.1', 'http://127.0.0.1:80/'],
  ['::1', 'http://[::1]:80/'],
])('a port published on "%s" is at %s', (address, url) => expect(portUrl({ address, hostPort: 80 })).toBe(url));

test('a port is told with the address it is bound to, if it is to one, and its protocol, if that is not tcp', () => {
  const port = { address: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' };
  expect(portText(port)).toBe('8080 → 80');
  expect(portText({ ...port, address: '::1', protocol: 'udp' })).toBe('[::1]:8080 → 80/udp');
});
