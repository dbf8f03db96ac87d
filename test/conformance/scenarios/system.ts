import { del, get, post, type Scenario } from '../scenario.ts';

export const systemScenarios: Scenario[] = [
  {
    name: 'system',
    steps: [
      get('/_ping'),
      get('/v1.24/_ping'),
      get('/v1.99/info'),
      get('/v1.10/info'),
      get('/vfoo/info'),
      get('/nothing'),
      { method: 'PUT', path: '/v1.51/info' },
      get('/v1.51/events?since=0&until=1'),
      get('/v1.51/events?since=x'),
      get(`/v1.51/events?until=1&filters=${encodeURIComponent('{"nope":["x"]}')}`),
      get('/v1.51/plugins'),
    ],
  },
  {
    name: 'swarm',
    steps: [
      get('/v1.51/swarm'),
      post('/v1.51/swarm/leave'),
      post('/v1.51/swarm/update', {}),
      get('/v1.51/swarm/unlockkey'),
      ...['nodes', 'services', 'tasks', 'secrets', 'configs'].map((resource) => get(`/v1.51/${resource}`)),
      get('/v1.51/nodes/x'),
      get('/v1.51/services/x'),
      get('/v1.51/tasks/x'),
      del('/v1.51/secrets/x'),
    ],
  },
  {
    name: 'networks',
    steps: [
      get(`/v1.51/networks?filters=${encodeURIComponent('{"name":["host"]}')}`),
      get(`/v1.51/networks?filters=${encodeURIComponent('{"driver":["null"]}')}`),
      get(`/v1.51/networks?filters=${encodeURIComponent('{"nope":["null"]}')}`),
      get('/v1.51/networks/host'),
      get('/v1.51/networks/none'),
      get('/v1.51/networks/cf-nope'),
      get('/v1.51/networks/bridge'),
    ],
  },
  {
    name: 'volumes',
    steps: [
      post('/v1.51/volumes/create', { Name: 'cf-volume', Labels: { a: 'b' } }),
      post('/v1.51/volumes/create', { Name: 'cf-volume' }),
      get('/v1.51/volumes/cf-volume'),
      get(`/v1.51/volumes?filters=${encodeURIComponent('{"name":["cf-volume"]}')}`),
      post('/v1.51/volumes/create', { Name: '../x' }),
      post('/v1.51/volumes/create', { Name: 'cf-other', Driver: 'nope' }),
      post('/v1.51/containers/create?name=cf-user', {
        Image: 'busybox:latest',
        HostConfig: { Binds: ['cf-volume:/data'] },
      }),
      get('/v1.51/containers/cf-user/json'),
      del('/v1.51/volumes/cf-volume'),
      del('/v1.51/containers/cf-user'),
      del('/v1.51/volumes/cf-volume'),
      del('/v1.51/volumes/cf-volume'),
      get('/v1.51/volumes/cf-volume'),
    ],
  },
];
