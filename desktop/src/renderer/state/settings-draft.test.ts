import { expect, test } from 'vitest';
import type { SettingsAnswer } from '@berth/daemon/api';
import { draftOf, proxiesChanged, proxiesOf, settingsChanged, withProxies } from './settings-draft.ts';

const text = '{"debug": true, "proxies": {"http-proxy": "http://p:1", "no-proxy": "*.local"}}';
const answer: SettingsAnswer = {
  file: { cpus: 2, shares: ['/srv'] },
  effective: {
    ...{ driver: 'auto', cpus: 2, memoryMiB: 1024, diskGiB: 64, architecture: 'amd64', shares: ['/srv'] },
    ...{ shareKind: 'sftp', userSocket: true, systemSocket: false, context: true },
  },
  host: { cpus: 4, memoryMiB: 8192 },
  ...{ drivers: [], pending: [], startAtLogin: null },
};

test('proxies are read out of daemon.json and put back beside everything else', () => {
  const proxies = proxiesOf(text);
  expect(proxies).toEqual({ http: 'http://p:1', https: '', none: '*.local' });
  expect(JSON.parse(withProxies(text, { ...proxies, http: ' ', https: 'http://q' })!)).toEqual({
    debug: true,
    proxies: { 'https-proxy': 'http://q', 'no-proxy': '*.local' },
  });
  expect(JSON.parse(withProxies(text, { http: '', https: '', none: '' })!)).toEqual({ debug: true });
});

test.each(['{', '[]', '3', 'null'])('a daemon.json of %s is left alone', (broken) => {
  expect(proxiesOf(broken)).toEqual({ http: '', https: '', none: '' });
  expect(withProxies(broken, { http: 'x', https: '', none: '' })).toBeNull();
});

test('a draft is changed by what differs, not by order or by what is left out', () => {
  const draft = draftOf(answer, { text, keys: [] });
  expect([settingsChanged(draft), proxiesChanged(draft)]).toEqual([false, false]);
  expect(settingsChanged({ ...draft, settings: { shares: ['/srv'], cpus: 2, driver: undefined } })).toBe(false);
  expect(settingsChanged({ ...draft, settings: { cpus: 3, shares: ['/srv'] } })).toBe(true);
  expect(proxiesChanged({ ...draft, proxies: { ...draft.proxies, http: '' } })).toBe(true);
});
