import { del, get, post, type Scenario } from '../scenario.ts';

const create = post(
  '/v1.51/containers/create?name=cf-exec',
  { Image: 'busybox:latest', Cmd: ['sleep', '1000'] },
  { silent: true },
);
const start = post('/v1.51/containers/cf-exec/start', undefined, { silent: true });
const exec = (body: object) => post('/v1.51/containers/cf-exec/exec', body, { save: { name: 'exec', field: 'Id' } });

export const execScenarios: Scenario[] = [
  {
    name: 'exec',
    steps: [
      create,
      post('/v1.51/containers/cf-exec/exec', { Cmd: ['true'] }),
      start,
      post('/v1.51/containers/cf-exec/exec', {}),
      post('/v1.51/containers/cf-exec/exec', '{"Cmd":5}'),
      exec({ Cmd: ['echo', 'a b'], AttachStdout: true, AttachStderr: true, Env: ['X=y'], User: '0' }),
      get('/v1.51/exec/{exec}/json'),
      post('/v1.51/exec/{exec}/start', {}),
      get('/v1.51/exec/{exec}/json'),
      post('/v1.51/exec/{exec}/start', {}),
      exec({ Cmd: ['cf-nope'], AttachStdout: true, AttachStderr: true }),
      post('/v1.51/exec/{exec}/start', { Detach: true }),
      get('/v1.51/exec/{exec}/json'),
      exec({ Cmd: ['sh', '-c', 'exit 3'], Privileged: true, DetachKeys: 'ctrl-a', AttachStdout: true }),
      post('/v1.51/exec/{exec}/start', {}),
      get('/v1.51/exec/{exec}/json'),
      post('/v1.51/exec/{exec}/resize?h=a&w=20'),
      post('/v1.51/exec/nope/start', {}),
      get('/v1.51/exec/nope/json'),
      del('/v1.51/containers/cf-exec?force=1', { silent: true }),
    ],
  },
];
