import { del, get, post, type Scenario, type Step } from '../scenario.ts';
import { archive, brokenArchive, index, sibling, single } from './image-archives.ts';

const v = '/v1.51';
const platform = (architecture: string, more: object = {}) =>
  encodeURIComponent(JSON.stringify({ os: 'linux', architecture, ...more }));
const filters = (value: unknown) => `filters=${encodeURIComponent(JSON.stringify(value))}`;
const mine = (more: object = {}) => filters({ reference: ['cf-images/*'], ...more });
const tarType = { 'Content-Type': 'application/x-tar' };
const names = ['cf-images/single:1', 'cf-images/sibling:1', 'cf-images/index:1'];

const load = (parameters = '', body = archive): Step =>
  post(`${v}/images/load${parameters}`, body, { headers: tarType, kind: 'stream' });
const clean: Step[] = names.map((name) => del(`${v}/images/${name}?force=1`, { silent: true }));
const loaded: Step = { ...load(), silent: true };
const absent = ['cf-nope', 'Cf-Nope', 'x:', `sha256:${'0'.repeat(64)}`, '0'.repeat(64), 'abcdef012345', 'x@sha256:1'];

export const imageScenarios: Scenario[] = [
  {
    name: 'images-load',
    steps: [
      load(),
      load('?quiet=1'),
      load(`?platform=${platform('arm64')}`),
      load(`?platform=${platform('s390x')}`),
      load('?platform=x'),
      load(`?platform=${platform('arm64')}&platform=${platform('amd64')}`),
      load('', 'no archive'),
      load('', ''),
      load('', brokenArchive),
      ...clean,
    ],
  },
  {
    name: 'images-inspect',
    steps: [
      loaded,
      ...['single', 'index'].flatMap((name) => [
        get(`${v}/images/cf-images/${name}:1/json`),
        get(`${v}/images/cf-images/${name}:1/json?manifests=1`),
        get(`${v}/images/cf-images/${name}:1/json?platform=${platform('arm64')}`),
        get(`${v}/images/cf-images/${name}:1/json?platform=${platform('arm64', { variant: 'v8' })}`),
        get(`${v}/images/cf-images/${name}:1/json?platform=${platform('amd64')}`),
        get(`${v}/images/cf-images/${name}:1/json?manifests=1&platform=${platform('amd64')}`),
        get(`${v}/images/cf-images/${name}:1/json?platform=x`),
        get(`/v1.24/images/cf-images/${name}:1/json`),
        get(`/v1.44/images/cf-images/${name}:1/json?manifests=1`),
        get(`${v}/images/cf-images/${name}:1/history`),
        get(`${v}/images/cf-images/${name}:1/history?platform=${platform('arm64')}`),
        get(`${v}/images/cf-images/${name}:1/history?platform=${platform('s390x')}`),
        get(`${v}/images/cf-images/${name}:1/history?platform=x`),
      ]),
      get(`${v}/images/${index.descriptor.digest}/json`),
      get(`${v}/images/${index.descriptor.digest.slice(7, 20)}/json`),
      get(`${v}/images/cf-images/index@${index.descriptor.digest}/json`),
      get(`${v}/images/cf-images/index:1@${index.descriptor.digest}/json`),
      get(`${v}/images/cf-images/index:2@${index.descriptor.digest}/json`),
      get(`${v}/images/cf-images/nope@${index.descriptor.digest}/json`),
      get(`${v}/images/docker.io/cf-images/single:1/json`),
      get(`${v}/images/index.docker.io/cf-images/single:1/json`),
      get(`${v}/images/[::1]:5000/x:1/json`),
      get(`${v}/images/localhost:5000/x/json`),
      ...clean,
    ],
  },
  {
    name: 'images-absent',
    steps: absent.flatMap((name) => [
      get(`${v}/images/${name}/json`),
      get(`${v}/images/${name}/history`),
      get(`${v}/images/${name}/get`, { kind: 'tar' }),
      del(`${v}/images/${name}`),
      post(`${v}/images/${name}/tag?repo=x&tag=y`),
      post(`${v}/images/${name}/push?tag=y`, undefined, { kind: 'stream' }),
    ]),
  },
  {
    name: 'images-list',
    steps: [
      loaded,
      ...[
        ...[{}, { label: ['cf-images'] }, { label: ['cf-images=yes'] }, { label: ['cf-images=no'] }],
        ...[{ 'label!': ['cf-images'] }, { dangling: ['true'] }, { dangling: ['0'] }],
        ...[{ since: [names[0]] }, { before: [names[0]] }, { until: ['1h'] }, { until: ['2000-01-01'] }],
      ].map((more) => get(`${v}/images/json?${mine(more)}`)),
      get(`${v}/images/json?manifests=1&${mine()}`),
      get(`${v}/images/json?shared-size=1&${mine()}`),
      get(`/v1.24/images/json?${mine()}`),
      get(`/v1.40/images/json?filter=cf-images/single`),
      get(`/v1.43/images/json?${mine()}`),
      get(`/v1.46/images/json?manifests=1&${mine()}`),
      ...[{ nope: ['x'] }, { dangling: ['x'] }, { since: ['cf-nope'] }, { reference: ['['] }, { until: ['x'] }].map(
        (wrong) => get(`${v}/images/json?${filters(wrong)}`),
      ),
      get(`${v}/images/json?filters=x`),
      get(`${v}/images/json?filters=[]`),
      get(`${v}/images/json?filters=${encodeURIComponent('{"a":1}')}`),
      ...clean,
    ],
  },
  {
    name: 'images-tag',
    steps: [
      loaded,
      ...[
        ...[
          'repo=cf-images/tagged&tag=2',
          'repo=cf-images/tagged',
          'repo=cf-images/tagged:3',
          'repo=cf-images/tagged:3&tag=4',
        ],
        ...['repo=cf-images/tagged&tag=a%20b', 'repo=BAD', 'repo=', '', 'repo=sha256&tag=x', 'tag=x'],
        ...[`repo=x@sha256:${'a'.repeat(64)}`, `repo=x&tag=${'a'.repeat(129)}`, `repo=${'a'.repeat(256)}`],
        ...['repo=localhost:5000/cf-images&tag=1', 'repo=a//b', 'repo=a/../b', 'repo=-a/b', 'repo=a..b/c'],
      ].map((parameters) => post(`${v}/images/cf-images/single:1/tag?${parameters}`)),
      get(`${v}/images/cf-images/tagged:2/json`),
      get(`${v}/images/json?${mine()}`),
      ...['2', 'latest', '3', '4'].map((tag) => del(`${v}/images/cf-images/tagged:${tag}`, { silent: true })),
      del(`${v}/images/localhost:5000/cf-images:1`),
      ...clean,
    ],
  },
  {
    name: 'images-save',
    steps: [
      loaded,
      ...[
        ...['cf-images/single:1', 'cf-images/index:1', 'cf-images/index:1&names=cf-images/single:1'],
        ...[`cf-images/index:1&platform=${platform('arm64')}`, `cf-images/single:1&platform=${platform('arm64')}`],
        ...['cf-images/index:1&platform=x', 'cf-images/single:1&names=cf-nope', 'cf-images/single', ''],
        ...[single.descriptor.digest, `cf-images/index@${index.descriptor.digest}`],
      ].map((query) => get(`${v}/images/get?names=${query}`, { kind: 'tar' })),
      get(`${v}/images/cf-images/single:1/get`, { kind: 'tar' }),
      get(`${v}/images/get`, { kind: 'tar' }),
      ...clean,
    ],
  },
  {
    name: 'images-remove',
    steps: [
      loaded,
      post(`${v}/images/cf-images/single:1/tag?repo=cf-images/tagged&tag=2`, undefined, { silent: true }),
      del(`${v}/images/cf-images/tagged:2`),
      del(`${v}/images/cf-images/tagged:2`),
      del(`${v}/images/cf-images/index:1?platforms=${platform('arm64')}`),
      del(`${v}/images/cf-images/index:1?force=1&platforms=${platform('s390x')}`),
      del(`${v}/images/cf-images/index:1?force=1&platforms=x`),
      del(`/v1.49/images/cf-images/single:1?platforms=x&noprune=1`),
      del(`${v}/images/cf-images/index:1?force=1&platforms=${platform('arm64')}`),
      get(`${v}/images/cf-images/index:1/json?manifests=1`),
      post(`${v}/containers/create?name=cf-image-user`, { Image: 'cf-images/sibling:1', Cmd: ['x'] }, { silent: true }),
      del(`${v}/images/cf-images/sibling:1`),
      post(`${v}/images/cf-images/sibling:1/tag?repo=cf-images/tagged&tag=2`, undefined, { silent: true }),
      del(`${v}/images/cf-images/sibling:1`),
      del(`${v}/images/cf-images/tagged:2`),
      del(`${v}/images/cf-images/tagged:2?force=1`),
      del(`${v}/containers/cf-image-user`, { silent: true }),
      del(`${v}/images/${sibling.descriptor.digest}?force=1`),
      del(`${v}/images/${single.descriptor.digest.slice(7, 19)}`),
      del(`${v}/images/%20`),
      ...clean,
    ],
  },
  {
    name: 'images-prune',
    steps: [
      loaded,
      post(`${v}/images/prune?${filters({ nope: ['x'] })}`),
      post(`${v}/images/prune?${filters({ dangling: ['x'] })}`),
      post(`${v}/images/prune?${filters({ until: ['x'] })}`),
      post(`${v}/images/prune?${filters({ dangling: ['false'], label: ['cf-images'], until: ['2000-01-01'] })}`),
      post(`${v}/images/prune?${filters({ dangling: ['true'], label: ['cf-images'] })}`),
      get(`${v}/images/json?${mine()}`),
      ...clean,
    ],
  },
  {
    name: 'images-create',
    steps: [
      ...[
        ...['fromImage=127.0.0.1:1/nope&tag=x', 'fromImage=scratch', 'fromImage=BAD', 'fromImage=x&tag=a%20b', ''],
        ...['fromImage=x&platform=foobar', 'fromImage=x&platform=linux/', 'fromSrc=http://127.0.0.1:1/x.tar'],
        ...['fromSrc=nope://x', 'fromSrc=-&repo=BAD', 'fromSrc=-&changes=RUN%20x', 'fromSrc=-&platform=x'],
        ...['fromSrc=-&repo=cf-images/imported&tag=1&message=hi&changes=CMD%20%5B%22a%22%5D&platform=linux/arm64'],
      ].map((query) => post(`${v}/images/create?${query}`, '', { kind: 'stream' })),
      get(`${v}/images/cf-images/imported:1/json`, { pick: ['Architecture', 'Os', 'Variant', 'Comment', 'Config'] }),
      del(`${v}/images/cf-images/imported:1`),
    ],
  },
];
