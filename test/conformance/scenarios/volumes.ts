import { del, get, post, type Scenario, type Step } from '../scenario.ts';

const create = (body: unknown) => post('/v1.51/volumes/create', body);
const inspect = (name: string) => get(`/v1.51/volumes/${name}`);
const remove = (name: string, query = '') => del(`/v1.51/volumes/${name}${query}`);
const list = (filters: object) => get(`/v1.51/volumes?filters=${encodeURIComponent(JSON.stringify(filters))}`);
const prune = (filters: object, version = '1.51') =>
  post(`/v${version}/volumes/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`);
const local = (DriverOpts: Record<string, string>) => create({ Name: 'cf-local', DriverOpts });
const container = (name: string, HostConfig: object, more: object = {}) =>
  post(`/v1.51/containers/create?name=${name}`, { Image: 'busybox:latest', Cmd: ['true'], HostConfig, ...more });
const removeContainer = (name: string, query = '?force=1') =>
  del(`/v1.51/containers/${name}${query}`, { silent: true });
/** A container that mounts the volume; mount(2) has the last word. */
const started = (name: string): Step[] => [
  container('cf-v', { Binds: [`${name}:/data`] }),
  post('/v1.51/containers/cf-v/start'),
  removeContainer('cf-v'),
  remove(name),
];

const refusals: Step[] = [
  ...['x', 'a/b', '../x', '..', '.', '/abs', 'a b', 'a:b', '-a', 'ä'].map((Name) => create({ Name })),
  local({ nope: 'x' }),
  local({ type: 'tmpfs' }),
  local({ device: 'tmpfs' }),
  local({ o: 'size=1m' }),
  local({ type: 'tmpfs', o: 'size=1m' }),
  local({ size: 'x' }),
  local({ size: '1m' }),
  local({ type: 'cifs', device: '//server:445/share' }),
  create({ Name: 'cf-local', Driver: 'local', ClusterVolumeSpec: {} }),
  create('{"Name": 5}'),
  create('{'),
  post('/v1.51/volumes/create', undefined),
  inspect('cf-nope'),
  remove('cf-nope'),
  remove('cf-nope', '?force=1'),
  { method: 'PUT', path: '/v1.51/volumes/cf-nope?version=1', body: {} },
  get('/v1.51/volumes?filters={'),
  list({ nope: ['x'] }),
  list({ dangling: ['x'] }),
  list({ dangling: ['true', 'false'] }),
  prune({ nope: ['x'] }),
  prune({ all: ['x'] }),
  prune({ all: ['true', 'false'] }),
  prune({ until: ['1h'] }),
];

const life: Step[] = [
  create({ Name: 'cf-tmpfs', DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,uid=1000' } }),
  create({ Name: 'cf-tmpfs', Labels: { a: 'b' } }),
  create({ Name: 'cf-plain', Labels: { z: '1', a: '' }, DriverOpts: {} }),
  inspect('cf-tmpfs'),
  inspect('cf-plain'),
  list({ name: ['cf-plain'] }),
  list({ name: ['cf-pl'], label: ['z=1'] }),
  list({ name: ['cf-'], label: ['z=2'] }),
  list({ name: ['^cf-tmpfs$'], driver: ['local'] }),
  list({ name: ['cf-'], driver: ['nope'] }),
  list({ name: ['cf-plain'], dangling: ['true'] }),
  list({ name: ['cf-plain'], dangling: ['0'] }),
  container('cf-user', { Binds: ['cf-plain:/data:ro', 'cf-tmpfs:/tmp'] }, { Volumes: { '/anonymous': {} } }),
  list({ name: ['cf-plain'], dangling: ['false'] }),
  remove('cf-plain'),
  remove('cf-plain', '?force=1'),
  post('/v1.51/containers/cf-user/start', undefined, { silent: true }),
  post('/v1.51/containers/cf-user/wait', undefined, { silent: true }),
  remove('cf-tmpfs'),
  prune({ all: ['true'], label: ['z'] }),
  container('cf-second', { VolumesFrom: ['cf-user:ro'] }),
  get('/v1.51/containers/cf-second/json', { pick: ['HostConfig.VolumesFrom'] }),
  container('cf-third', { VolumesFrom: ['cf-user:nope'] }),
  container('cf-third', { VolumesFrom: ['cf-nope'] }),
  removeContainer('cf-second', '?force=1'),
  removeContainer('cf-user', '?v=1&force=1'),
  prune({ label: ['cf-none'] }),
  prune({ all: ['1'], label: ['z=1'] }),
  remove('cf-plain'),
  remove('cf-tmpfs'),
  remove('cf-tmpfs'),
];

/** What the local driver mounts; none of these exists. */
const mounts: Step[] = [
  create({ Name: 'cf-bind', DriverOpts: { type: 'none', device: '/cf-nowhere', o: 'bind' } }),
  ...started('cf-bind'),
  create({ Name: 'cf-type', DriverOpts: { type: 'cf-nofs', device: 'x' } }),
  ...started('cf-type'),
];

/** What nobody made by hand. */
const implied: Step[] = [
  container('cf-implied', {
    Binds: ['cf-bound:/a'],
    Mounts: [
      { Type: 'volume', Source: 'cf-mounted', Target: '/b' },
      { Type: 'volume', Source: 'cf-labelled', Target: '/c', VolumeOptions: { Labels: { a: 'b' }, DriverConfig: {} } },
    ],
  }),
  inspect('cf-bound'),
  inspect('cf-mounted'),
  inspect('cf-labelled'),
  removeContainer('cf-implied'),
  remove('cf-bound'),
  remove('cf-mounted'),
  remove('cf-labelled'),
];

export const volumeScenarios: Scenario[] = [
  { name: 'volume-refusals', steps: refusals },
  { name: 'volume-life', steps: life },
  { name: 'volume-mounts', steps: mounts },
  { name: 'volume-implied', steps: implied },
];
