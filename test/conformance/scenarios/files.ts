import { del, get, post, type Scenario, type Step } from '../scenario.ts';

const container = '/v1.51/containers/cf-files';
const create: Step = post(
  '/v1.51/containers/create?name=cf-files',
  { Image: 'busybox:latest', Cmd: ['sleep', '1000'], HostConfig: { Binds: ['cf-files:/ro:ro'] } },
  { silent: true },
);
const remove: Step[] = [
  del(`${container}?force=1`, { silent: true }),
  del('/v1.51/volumes/cf-files', { silent: true }),
];
const head = (query: string): Step => ({ method: 'HEAD', path: `${container}/archive${query}` });
const put = (query: string, body: string): Step => ({
  method: 'PUT',
  path: `${container}/archive${query}`,
  body,
  headers: { 'Content-Type': 'application/x-tar' },
});
const commit = (query: string, body?: unknown): Step => post(`/v1.51/commit?container=cf-files&${query}`, body);
const filters = (value: object): string => `?filters=${encodeURIComponent(JSON.stringify(value))}`;

export const fileScenarios: Scenario[] = [
  {
    name: 'container-files',
    steps: [
      create,
      head('?path=/etc/passwd'),
      head('?path=/nope'),
      head('?path=/etc/passwd/x'),
      head(''),
      get(`${container}/archive`),
      get(`${container}/archive?path=/nope`),
      get(`${container}/archive?path=/etc/passwd/`),
      get(`${container}/archive?path=/etc/passwd/x`),
      get('/v1.51/containers/cf-none/archive?path=/'),
      put('', ''),
      put('?path=/nope', ''),
      put('?path=/etc/passwd', ''),
      put('?path=/etc/passwd/x', ''),
      put('?path=/ro', ''),
      put('?path=/tmp', ''),
      put('?path=/tmp', 'garbage'),
      ...remove,
    ],
  },
  {
    name: 'container-changes',
    steps: [
      { ...create, body: { Image: 'busybox:latest', Cmd: ['rm', '/etc/group'] } },
      get(`${container}/changes`),
      post(`${container}/start`, undefined, { silent: true }),
      post(`${container}/wait`, undefined, { silent: true }),
      get(`${container}/changes`),
      get('/v1.51/containers/cf-none/changes'),
      get('/v1.51/containers/cf-none/export'),
      ...remove,
    ],
  },
  {
    name: 'commit',
    steps: [
      create,
      post('/v1.51/commit'),
      post('/v1.51/commit?container=cf-none'),
      commit('repo=FIMG'),
      commit('repo=a@b'),
      commit('changes=FOO%20b'),
      commit('repo=cf-image', { Labels: 3 }),
      commit('repo=cf-image', '{bad'),
      commit('repo=cf-image&tag=v1&comment=hello&author=me&changes=ENV%20A=b&changes=CMD%20x'),
      get('/v1.51/images/cf-image:v1/history'),
      del('/v1.51/images/cf-image:v1', { silent: true }),
      ...remove,
    ],
  },
  {
    name: 'prune-and-usage',
    steps: [
      post(`/v1.51/containers/prune${filters({ x: ['y'] })}`),
      post(`/v1.51/containers/prune${filters({ until: ['abc'] })}`),
      post(`/v1.51/containers/prune${filters({ until: ['1', '2'] })}`),
      create,
      post(`/v1.51/containers/prune${filters({ label: ['cf-none'] })}`),
      post(`/v1.51/containers/prune${filters({ 'label!': ['cf-none'] })}`),
      post(`/v1.51/containers/prune`),
      post(`/v1.51/networks/prune${filters({ x: ['y'] })}`),
      get('/v1.51/system/df?type=x'),
      get('/v1.51/system/df?type=container'),
      get('/v1.51/system/df?type=container&type=build-cache'),
      ...remove,
    ],
  },
];
