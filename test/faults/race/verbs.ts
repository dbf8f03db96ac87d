import { engineRequest, type EngineAnswer } from '../../helpers/engine-request.ts';
import type { Random } from './random.ts';

/** What came back for one request; ids and names are taken out of the text. */
export interface Answer {
  verb: string;
  status: number;
  message: string;
}

export interface Stage {
  socketPath: string;
  /** Names that the containers of this run have. */
  names: readonly string[];
  /** Label that marks everything this run makes. */
  label: string;
  random: Random;
}

type Verb = (stage: Stage, name: string) => Promise<EngineAnswer>;

const version = '/v1.51';
const ask = ({ socketPath }: Stage, request: { method: string; path: string; body?: unknown }) =>
  engineRequest(socketPath, { ...request, path: `${version}${request.path}` });
const post = (stage: Stage, path: string, body?: unknown) =>
  ask(stage, { method: 'POST', path, ...(body !== undefined && { body }) });

const commands: readonly string[][] = [
  ['sleep', '1000'],
  ['sleep', '1000'],
  ['sh', '-c', 'trap "exit 3" TERM; while :; do sleep 0.05; done'],
  ['true'],
  ['sh', '-c', 'sleep 0.2; exit 4'],
];
const hosts: readonly object[] = [
  {},
  {},
  {},
  { AutoRemove: true },
  { RestartPolicy: { Name: 'always' } },
  { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
];

const create: Verb = (stage, name) =>
  post(stage, `/containers/create?name=${name}`, {
    ...{ Image: 'busybox:latest', Cmd: stage.random.pick(commands), Labels: { [stage.label]: '' } },
    HostConfig: { ...stage.random.pick(hosts), NetworkMode: stage.random.pick(['none', 'bridge']) },
  });

/** Creates one and starts it, as the CLI does; the answer is the first that is no success. */
const exec: Verb = async (stage, name) => {
  const created = await post(stage, `/containers/${name}/exec`, {
    Cmd: stage.random.pick([['true'], ['sleep', '0.1']]),
  });
  if (created.status !== 201) return created;
  const { Id } = JSON.parse(created.body) as { Id: string };
  return await post(stage, `/exec/${Id}/start`, { Detach: true });
};

/** Waits for a condition, but not for ever. */
const wait: Verb = (stage, name) => {
  const condition = stage.random.pick(['not-running', 'next-exit', 'removed']);
  const path = `${version}/containers/${name}/wait?condition=${condition}`;
  return engineRequest(stage.socketPath, { method: 'POST', path, timeoutMs: 1_500 });
};

const simple =
  (method: string, action: string): Verb =>
  (stage, name) =>
    ask(stage, { method, path: `/containers/${name}${action}` });

export const verbs: Readonly<Record<string, Verb>> = {
  create,
  exec,
  wait,
  start: simple('POST', '/start'),
  stop: simple('POST', '/stop?t=0'),
  stopSlowly: simple('POST', '/stop?t=1'),
  kill: simple('POST', '/kill'),
  term: simple('POST', '/kill?signal=TERM'),
  restart: simple('POST', '/restart?t=0'),
  remove: simple('DELETE', ''),
  removeForced: simple('DELETE', '?force=1&v=1'),
  pause: simple('POST', '/pause'),
  unpause: simple('POST', '/unpause'),
  inspect: simple('GET', '/json'),
  rename: (stage, name) => post(stage, `/containers/${name}/rename?name=${stage.random.pick(stage.names)}`),
  update: (stage, name) => post(stage, `/containers/${name}/update`, { CpuShares: 512 }),
  list: (stage) => ask(stage, { method: 'GET', path: '/containers/json?all=1' }),
};

/** Runs the verb and takes out of its answer what differs from run to run. */
export async function play(stage: Stage, verb: string, name: string): Promise<Answer> {
  const { status, body } = await verbs[verb]!(stage, name);
  return { verb, status, message: normalised(stage, status, body) };
}

function normalised({ names }: Stage, status: number, body: string): string {
  if (status < 300) return '';
  const { message = body } = (body === '' ? { message: '' } : JSON.parse(body)) as { message?: string };
  const known = names.toSorted((a, b) => b.length - a.length).join('|');
  return message
    .replace(/\b[0-9a-f]{64}\b/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'ID')
    .replace(new RegExp(`(${known})\\b`, 'g'), 'NAME')
    .replace(/\d+/g, 'N')
    .trim();
}
