import { expect, it } from 'vitest';
import { Proxies, readProxies, shown } from './proxies.ts';

const proxies = new Proxies(
  readProxies({
    'http-proxy': 'proxy:3128',
    'https-proxy': 'http://bob:secret@proxy:3129',
    'no-proxy': 'direct.example, .sub.example,10.0.0.0/8,[fd00::1],port.example:5000,192.0.2.1',
  }),
);

it.each([
  ['http://a/', 'http://proxy:3128/'],
  ['https://a/', 'http://bob:secret@proxy:3129/'],
  ['https://direct.example/', undefined],
  ['https://also.direct.example/', undefined],
  ['https://indirect.example/', 'http://bob:secret@proxy:3129/'],
  ['https://sub.example/', 'http://bob:secret@proxy:3129/'],
  ['https://a.sub.example/', undefined],
  ['https://10.2.3.4/', undefined],
  ['https://192.0.2.1/', undefined],
  ['https://[fd00::1]/', undefined],
  ['https://port.example/', 'http://bob:secret@proxy:3129/'],
  ['https://port.example:5000/', undefined],
  ['https://localhost:5000/', undefined],
  ['http://127.1.2.3/', undefined],
  ['http://[::1]/', undefined],
])('%s goes through %s', (url, proxy) => expect(proxies.for(new URL(url))?.href).toBe(proxy));

it('everything is direct for *', () => {
  expect(new Proxies({ httpProxy: 'http://p', httpsProxy: '', noProxy: '*' }).for(new URL('http://a/'))).toBeNull();
});

it.each([
  [{ 'ftp-proxy': 'x' }, 'proxies: unknown key "ftp-proxy"'],
  [{ 'http-proxy': 'ftp://bob:secret@x' }, 'proxies: http-proxy: invalid proxy address "ftp://xxxxx:xxxxx@x"'],
])('%j is refused', (given, why) => expect(() => readProxies(given as Record<string, string>)).toThrow(why));

it('is shown without its password', () => {
  expect(shown('http://bob:secret@proxy:3128/')).toBe('http://xxxxx:xxxxx@proxy:3128/');
  expect(shown('proxy:3128')).toBe('proxy:3128');
});
