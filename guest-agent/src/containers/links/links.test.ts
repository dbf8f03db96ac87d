import { expect, test } from 'vitest';
import { linkVariables } from './link-environment.ts';
import { withAddress } from './link-hosts.ts';
import { parseLink } from './resolve-links.ts';

test.each([
  ['db', { name: 'db', alias: 'db' }],
  ['db:alias', { name: 'db', alias: 'alias' }],
  ['db:/alias', { name: 'db', alias: 'alias' }],
  ['/db:/web/alias', { name: 'db', alias: 'alias' }],
])('%s', (text, link) => expect(parseLink(text)).toEqual(link));

test.each([
  ['', 'empty string specified for links'],
  ['a:b:c', 'bad format for links: a:b:c'],
])('%j: %s', (text, message) => expect(() => parseLink(text)).toThrow(message));

test('variables: the first port, every port, ranges, the name, the other one’s own', () => {
  const variables = linkVariables({
    name: '/web/my-db',
    address: '172.17.0.2',
    env: ['A=b=c', 'PATH=/bin', 'HOME=/', 'BARE'],
    exposed: ['53/udp', '81/tcp', '80/tcp'],
  });
  expect(variables).toEqual([
    'MY_DB_PORT=tcp://172.17.0.2:80',
    ...portOf(80, 'tcp'),
    ...portOf(81, 'tcp'),
    ...portOf(53, 'udp'),
    // The range is over when the next port is not the one after.
    ...['_START=tcp://172.17.0.2:80', '_PORT_START=80', '_END=tcp://172.17.0.2:81', '_PORT_END=81'].map(
      (rest) => `MY_DB_PORT_80_TCP${rest}`,
    ),
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_A=b=c',
  ]);
});

const portOf = (port: number, protocol: string): string[] => {
  const name = `MY_DB_PORT_${port}_${protocol.toUpperCase()}`;
  const url = `${name}=${protocol}://172.17.0.2:${port}`;
  return [url, `${name}_ADDR=172.17.0.2`, `${name}_PORT=${port}`, `${name}_PROTO=${protocol}`];
};

test('a new address in a hosts file', () => {
  const hosts = '127.0.0.1\tlocalhost\n172.17.0.2\tdb abc\n172.17.0.3\tweb\n';
  expect(withAddress(hosts, 'db', '172.17.0.9')).toBe('127.0.0.1\tlocalhost\n172.17.0.9\tdb abc\n172.17.0.3\tweb\n');
});
