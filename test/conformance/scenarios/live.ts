import { del, get, post, type Scenario } from '../scenario.ts';

const image = 'busybox:latest';
const create = (name: string, body: object = {}) =>
  post(`/v1.51/containers/create?name=${name}`, { Image: image, Cmd: ['sleep', '1000'], ...body }, { silent: true });
const start = (name: string) => post(`/v1.51/containers/${name}/start`, undefined, { silent: true });
const remove = (name: string) => del(`/v1.51/containers/${name}?force=1&v=1`, { silent: true });
const update = (body: unknown) => post('/v1.51/containers/cf-update/update', body);

const logged = (LogConfig: object): Scenario['steps'] => [
  post('/v1.51/containers/create?name=cf-log', { Image: image, Cmd: ['echo', 'hi'], HostConfig: { LogConfig } }, {}),
  post('/v1.51/containers/cf-log/start'),
  remove('cf-log'),
];
const refusedLog = (Type: string, Config: Record<string, string>) =>
  post('/v1.51/containers/create?name=cf-log', { Image: image, HostConfig: { LogConfig: { Type, Config } } });

export const liveScenarios: Scenario[] = [
  {
    name: 'log-options',
    steps: [
      refusedLog('json-file', { x: '1' }),
      refusedLog('json-file', { mode: 'x' }),
      refusedLog('json-file', { 'max-buffer-size': '1m' }),
      refusedLog('json-file', { mode: 'non-blocking', 'max-buffer-size': 'x' }),
      refusedLog('local', { x: '1' }),
      refusedLog('local', { labels: 'a' }),
      refusedLog('json-file', { 'cache-disabled': 'maybe' }),
      ...logged({ Type: 'json-file', Config: { 'max-size': 'x' } }),
      ...logged({ Type: 'json-file', Config: { 'max-size': '10q' } }),
      ...logged({ Type: 'json-file', Config: { 'max-file': '0' } }),
      ...logged({ Type: 'json-file', Config: { compress: 'true' } }),
      ...logged({ Type: 'json-file', Config: { tag: '{{.Nope}}' } }),
      ...logged({ Type: 'local', Config: { 'max-size': 'x' } }),
      ...logged({ Type: 'local', Config: { 'max-file': '1' } }),
      ...logged({ Type: 'none', Config: { x: '1' } }),
      ...logged({ Type: '', Config: { 'max-size': '1m', 'max-file': '2', compress: 'true' } }),
      create('cf-log', { HostConfig: { LogConfig: { Type: 'local', Config: { 'max-size': '1m' } } } }),
      start('cf-log'),
      get('/v1.51/containers/cf-log/json'),
      remove('cf-log'),
    ],
  },
  {
    name: 'stats',
    steps: [
      get('/v1.51/containers/cf-nope/stats'),
      create('cf-stats'),
      get('/v1.51/containers/cf-stats/stats?stream=0'),
      get('/v1.51/containers/cf-stats/stats?stream=0&one-shot=1'),
      get('/v1.51/containers/cf-stats/stats?one-shot=1'),
      get('/v1.51/containers/cf-stats/stats', { timeoutMs: 500 }),
      remove('cf-stats'),
    ],
  },
  {
    name: 'health',
    steps: [
      create('cf-health', { Healthcheck: { Test: ['CMD', 'true'], Interval: 1000000000000, StartPeriod: 1000000 } }),
      get('/v1.51/containers/cf-health/json'),
      get(`/v1.51/containers/json?all=1&filters=${encodeURIComponent('{"health":["none"]}')}`),
      start('cf-health'),
      get('/v1.51/containers/cf-health/json'),
      get(`/v1.51/containers/json?filters=${encodeURIComponent('{"health":["starting"]}')}`),
      post('/v1.51/containers/cf-health/pause', undefined, { silent: true }),
      get('/v1.51/containers/cf-health/json'),
      post('/v1.51/containers/cf-health/unpause', undefined, { silent: true }),
      post('/v1.51/containers/cf-health/kill', undefined, { silent: true }),
      post('/v1.51/containers/cf-health/wait', undefined, { silent: true }),
      get(`/v1.51/containers/json?all=1&filters=${encodeURIComponent('{"health":["unhealthy"]}')}`),
      remove('cf-health'),
    ],
  },
  {
    name: 'update',
    steps: [
      create('cf-update'),
      start('cf-update'),
      update({}),
      update(''),
      update('{"CpuShares":"x"}'),
      update({ Memory: 1 }),
      update({ Memory: 67108864 }),
      update({ Memory: 67108864, MemorySwap: 134217728 }),
      update({ MemoryReservation: 33554432 }),
      update({ NanoCpus: 500000000 }),
      update({ CpuPeriod: 100000 }),
      update({ CpuQuota: 5000 }),
      update({ CpuShares: 1 }),
      update({ CpuShares: 100, CpusetCpus: '0' }),
      update({ CpusetCpus: '99' }),
      update({ PidsLimit: 20 }),
      update({ PidsLimit: -3 }),
      update({ BlkioWeight: 500 }),
      update({ KernelMemory: 1 }),
      update({ RestartPolicy: { Name: 'nope' } }),
      update({ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }),
      update({ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] }),
      get('/v1.51/containers/cf-update/json'),
      post('/v1.51/containers/cf-nope/update', {}),
      post('/v1.51/containers/cf-nope/update', { Memory: 1 }),
      remove('cf-update'),
      create('cf-update', { HostConfig: { AutoRemove: true, CpuPeriod: 50000 } }),
      update({ RestartPolicy: { Name: 'always' } }),
      update({ NanoCpus: 500000000 }),
      update({ Memory: 67108864, MemorySwap: -1, RestartPolicy: { Name: 'no' } }),
      remove('cf-update'),
    ],
  },
];
