import { expect, it } from 'vitest';
import { readProxyVariables, withProxies } from './proxies.ts';

it('reads the variables as Go does: capitals first, empty ones not at all', () => {
  const environment = {
    HTTP_PROXY: 'http://a',
    http_proxy: 'http://b',
    HTTPS_PROXY: '',
    https_proxy: 'c:1',
    no_proxy: 'd',
  };
  expect(readProxyVariables(environment)).toEqual({ 'http-proxy': 'http://a', 'https-proxy': 'c:1', 'no-proxy': 'd' });
  expect(readProxyVariables({ PATH: '/bin' })).toEqual({});
});

it('lets daemon.json win, key by key', () => {
  const config = { debug: true, proxies: { 'http-proxy': 'http://mine', 'https-proxy': '' } };
  const environment = { 'http-proxy': 'http://a', 'https-proxy': 'http://b' };
  expect(withProxies(config, environment)).toEqual({
    debug: true,
    proxies: { 'http-proxy': 'http://mine', 'https-proxy': 'http://b' },
  });
  expect(withProxies({ debug: true }, {})).toEqual({ debug: true });
});

it('names the variable that cannot be used, without the password in it', () => {
  expect(() => withProxies({}, { 'https-proxy': 'socks5://bob:secret@x' })).toThrow(
    'HTTPS_PROXY in the environment: expected an http or https proxy (or "proxies" in daemon.json)',
  );
  expect(() => withProxies({ proxies: { 'https-proxy': 'http://x' } }, { 'https-proxy': 'socks5://x' })).not.toThrow();
});
