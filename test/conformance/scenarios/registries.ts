import { del, get, post, type Scenario, type Step } from '../scenario.ts';
import { archive, index, single } from './image-archives.ts';

const v = '/v1.51';
const auth = (value: object | string) => ({
  'X-Registry-Auth': Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url'),
});
const platform = (architecture: string) => encodeURIComponent(JSON.stringify({ os: 'linux', architecture }));
const silent = { silent: true };

const pull = (query: string, more: Partial<Step> = {}): Step =>
  post(`${v}/images/create?fromImage={registry}/${query}`, undefined, { kind: 'stream', ...more });
const push = (name: string, more: Partial<Step> = {}): Step =>
  post(`${v}/images/{registry}/${name}`, undefined, { kind: 'stream', headers: auth({}), ...more });
const tag = (name: string, to: string): Step =>
  post(`${v}/images/cf-images/${name}:1/tag?repo={registry}/${to}&tag=1`, undefined, silent);
const remove = (name: string): Step => del(`${v}/images/${name}?force=1`, silent);
const loaded = post(`${v}/images/load`, archive, { headers: { 'Content-Type': 'application/x-tar' }, silent: true });
const all = ['single', 'sibling', 'index'];
const clean = all.map((name) => remove(`cf-images/${name}:1`));

export const registryScenarios: Scenario[] = [
  {
    name: 'registry-push-pull',
    usesRegistry: true,
    steps: [
      loaded,
      tag('single', 'one'),
      push('one/push?tag=1'),
      push('one/push?tag=1'),
      push('one/push?tag=nope'),
      push('nope/push'),
      push('one/push?tag=1', { headers: auth('no json') }),
      push('one/push?tag=1', { headers: {} }),
      tag('single', 'two'),
      push('two/push'),
      push(`one/push?tag=1&platform=${platform('arm64')}`),
      push(`one/push?tag=1&platform=${platform('amd64')}`),
      push('one/push?tag=1&platform=x'),
      get(`${v}/distribution/{registry}/one:1/json`),
      get(`${v}/distribution/{registry}/nope:1/json`),
      get(`${v}/distribution/{registry}/one@${single.descriptor.digest}/json`),
      remove('{registry}/one:1'),
      remove('{registry}/two:1'),
      ...clean,
      pull('one&tag=1'),
      pull('one&tag=1'),
      pull(`one@${single.descriptor.digest}`),
      pull(`one&tag=${single.descriptor.digest}`),
      pull(`one&tag=1&platform=linux/arm64`),
      pull('one&tag=nope'),
      pull(`one@sha256:${'0'.repeat(64)}`),
      pull('one'),
      pull('nope'),
      get(`${v}/images/{registry}/one:1/json`),
      remove('{registry}/one:1'),
      remove(`{registry}/one@${single.descriptor.digest}`),
    ],
  },
  {
    name: 'registry-platforms',
    usesRegistry: true,
    steps: [
      loaded,
      tag('index', 'many'),
      push('many/push?tag=1'),
      get(`${v}/distribution/{registry}/many:1/json`),
      remove('{registry}/many:1'),
      ...clean,
      pull('many&tag=1&platform=linux/arm64'),
      get(`${v}/images/{registry}/many:1/json?manifests=1`),
      get(`${v}/images/{registry}/many:1/json?platform=${platform('amd64')}`),
      get(`${v}/images/{registry}/many:1/history?platform=${platform('amd64')}`),
      get(`${v}/images/get?names={registry}/many:1&platform=${platform('amd64')}`, { kind: 'tar' }),
      push('many/push?tag=1'),
      push(`many/push?tag=1&platform=${platform('amd64')}`),
      post(`${v}/containers/create?name=cf-platform&platform=linux/amd64`, { Image: '{registry}/many:1', Cmd: ['x'] }),
      pull('many&tag=1&platform=linux/s390x'),
      pull('many&tag=1'),
      get(`${v}/images/{registry}/many:1/json?manifests=1`),
      get(`${v}/images/{registry}/many@${index.descriptor.digest}/json`),
      del(`${v}/images/{registry}/many:1`),
      del(`${v}/containers/cf-platform`, silent),
      remove(index.descriptor.digest),
    ],
  },
  {
    name: 'registry-login',
    usesRegistry: true,
    steps: [
      post(`${v}/auth`, { username: 'a', password: 'b', serveraddress: '{registry}' }),
      post(`${v}/auth`, { username: 'a', password: 'b', serveraddress: '127.0.0.1:1' }),
      post(`${v}/auth`, { username: 'a', password: 'b', serveraddress: 'http://127.0.0.1:1/v2/' }),
      post(`${v}/auth`, 'no json'),
      get(`${v}/images/search?term=x&filters=${encodeURIComponent('{"nope":["x"]}')}`),
      get(`${v}/images/search?term={registry}/x`),
      get(`${v}/distribution/BAD/json`),
      get(`${v}/distribution/127.0.0.1:1/x/json`),
    ],
  },
];
