import { expect, it } from 'vitest';
import { InsecureRegistries } from './insecure-registries.ts';
import { readMirrors } from './mirrors.ts';
import { registryView } from './registry-view.ts';

it('keeps each mirror once, with a slash at its end', () => {
  expect(readMirrors(['https://a', 'https://a/', 'http://b:5000/x'])).toEqual(['https://a/', 'http://b:5000/x/']);
});

it.each([
  ['a.example:5000', `no scheme specified for "a.example:5000": must use either 'https://' or 'http://'`],
  ['ftp://a', `unsupported scheme "ftp" in "ftp://a": must use either 'https://' or 'http://'`],
  ['https://a/?b', 'query or fragment at end of the URI "https://a/?b"'],
  ['https://bob:secret@a/', 'username/password not allowed in URI "https://bob:xxxxx@a/"'],
])('%s is no mirror', (url, why) => expect(() => readMirrors([url])).toThrow(`invalid mirror: ${why}`));

it.each([
  ['-a', 'invalid index name (-a). Cannot begin or end with a hyphen'],
  ['ftp://a', "insecure registry ftp://a should not contain '://'"],
  ['a b', 'insecure registry a b is not valid: invalid host "a b"'],
  ['a:99999', 'insecure registry a:99999 is not valid: invalid port "99999"'],
])('%s is no insecure registry', (entry, why) => expect(() => new InsecureRegistries([entry])).toThrow(why));

it('tells both to those who ask', () => {
  const view = registryView({ insecureRegistries: ['10.1.2.3/8', 'r:1'], mirrors: ['https://m'] });
  expect(view).toEqual({
    IndexConfigs: {
      'docker.io': { Name: 'docker.io', Mirrors: ['https://m/'], Secure: true, Official: true },
      'r:1': { Name: 'r:1', Mirrors: [], Secure: false, Official: false },
    },
    InsecureRegistryCIDRs: ['10.0.0.0/8', '::1/128', '127.0.0.0/8'],
    Mirrors: ['https://m/'],
  });
});
