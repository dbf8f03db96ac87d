import { expect, it } from 'vitest';
import { RegistryHosts } from './hosts.ts';

const hosts = new RegistryHosts({ insecureRegistries: ['my.registry:5000', '10.0.0.0/8'] });

it.each([
  ['docker.io', 'registry-1.docker.io', false],
  ['localhost', 'localhost', true],
  ['localhost:5000', 'localhost:5000', true],
  ['127.8.9.1:5000', '127.8.9.1:5000', true],
  ['[::1]:5000', '[::1]:5000', true],
  ['my.registry:5000', 'my.registry:5000', true],
  ['my.registry', 'my.registry', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['quay.io', 'quay.io', false],
])('%s is served by %s, insecure: %s', (domain, host, insecure) => {
  expect(hosts.forDomain(domain)).toEqual({ host, insecure });
});
