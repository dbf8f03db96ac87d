import { expect, it } from 'vitest';
import { RegistryHosts } from './hosts.ts';

const addresses: Record<string, string[]> = { 'inside.example': ['10.9.9.9'], 'quay.io': ['203.0.113.7'] };
const hosts = new RegistryHosts({
  insecureRegistries: ['my.registry:5000', '10.0.0.0/8', 'http://old.registry'],
  mirrors: ['http://10.1.1.1:5000', 'https://mirror.example/hub/v2/'],
  lookUp: (name) => Promise.resolve(addresses[name] ?? []),
});

it.each([
  ['docker.io', 'registry-1.docker.io', false],
  ['localhost', 'localhost', true],
  ['localhost:5000', 'localhost:5000', true],
  ['127.8.9.1:5000', '127.8.9.1:5000', true],
  ['[::1]:5000', '[::1]:5000', true],
  ['my.registry:5000', 'my.registry:5000', true],
  ['my.registry', 'my.registry', false],
  ['old.registry', 'old.registry', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['inside.example:443', 'inside.example:443', true],
  ['quay.io', 'quay.io', false],
])('%s is served by %s, insecure: %s', async (domain, host, insecure) => {
  expect(await hosts.forDomain(domain)).toEqual({ host, insecure });
});

it('has mirrors of Docker Hub only', async () => {
  expect(await hosts.mirrorsOf('quay.io')).toEqual([]);
  expect(await hosts.mirrorsOf('docker.io')).toEqual([
    { host: '10.1.1.1:5000', scheme: 'http', root: '', insecure: true },
    { host: 'mirror.example', scheme: 'https', root: '/hub', insecure: false },
  ]);
});
