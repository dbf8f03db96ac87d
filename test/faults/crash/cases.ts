import type { Action, Stage } from './stage.ts';

/** A verb with what has to be there before, and the points on its way. */
interface Scene {
  verb: string;
  prepare: (stage: Stage) => Promise<unknown>;
  /** May reject: the agent may be gone before it answers. */
  act: (stage: Stage) => Promise<unknown>;
  points: Partial<Record<string, readonly Action[]>>;
}

export interface Case extends Omit<Scene, 'points'> {
  point: string;
  action: Action;
}

const name = 'victim';
const create = (stage: Stage, hostConfig: object = {}) =>
  stage.ask('POST', `/containers/create?name=${name}`, {
    ...{ Image: 'busybox', Cmd: ['sleep', '1000'], Volumes: { '/data': {} }, ExposedPorts: { '80/tcp': {} } },
    HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] }, ...hostConfig },
  });
const post = (stage: Stage, action: string) => stage.ask('POST', `/containers/${name}/${action}`);
const run = async (stage: Stage, hostConfig?: object) => {
  await create(stage, hostConfig);
  await post(stage, 'start');
};
const stopped = async (stage: Stage) => {
  await run(stage);
  await post(stage, 'stop?t=0');
};
const exec = (command: string[]) => async (stage: Stage) => {
  const { body } = await stage.ask('POST', `/containers/${name}/exec`, { Cmd: command });
  const { Id } = JSON.parse(body) as { Id: string };
  return await stage.ask('POST', `/exec/${Id}/start`, { Detach: true });
};

const crashes: readonly Action[] = ['exit', 'kill'];
const failing: readonly Action[] = ['exit', 'kill', 'enospc'];
const withShim: readonly Action[] = ['exit', 'kill', 'shim'];
const exits = {
  'exit:after-drain': crashes,
  'exit:after-ports': crashes,
  'exit:after-state': crashes,
  'exit:after-release': crashes,
};
const removals = {
  'remove:after-mark': failing,
  'remove:after-rootfs': failing,
  'remove:after-volumes': failing,
};

const runtime: readonly Action[] = ['before', 'after'];

const scenes: readonly Scene[] = [
  {
    verb: 'create',
    prepare: async () => undefined,
    act: create,
    points: {
      'create:after-name': failing,
      'create:after-folder': failing,
      'create:after-volumes': failing,
      'create:after-rootfs': failing,
      'create:after-record': crashes,
    },
  },
  {
    verb: 'start',
    prepare: create,
    act: (stage) => post(stage, 'start'),
    points: {
      'start:after-state': failing,
      'start:after-network': failing,
      'start:after-spec': failing,
      'start:after-task': [...failing, 'shim'],
      'start:after-process': [...failing, 'shim'],
      'start:after-running': withShim,
      create: runtime,
      start: runtime,
    },
  },
  {
    verb: 'start of a --rm container',
    prepare: (stage) => create(stage, { AutoRemove: true, IpcMode: 'shareable' }),
    act: (stage) => post(stage, 'start'),
    points: { 'start:after-network': failing, 'start:after-task': failing, 'start:after-running': withShim },
  },
  {
    verb: 'stop',
    prepare: run,
    act: (stage) => post(stage, 'stop?t=0'),
    points: {
      'kill:after-mark': withShim,
      'kill:after-signal': withShim,
      'stop:after-signal': withShim,
      'stop:after-exit': crashes,
      ...exits,
      kill: runtime,
      delete: runtime,
    },
  },
  {
    verb: 'kill with a restart policy',
    prepare: (stage) => run(stage, { RestartPolicy: { Name: 'always' } }),
    act: (stage) =>
      stage.ask('POST', `/containers/${name}/exec`, { Cmd: ['kill', '-9', '1'] }).then(() => post(stage, 'kill')),
    points: { 'kill:after-mark': crashes, ...exits },
  },
  {
    verb: 'kill of a --rm container',
    prepare: (stage) => run(stage, { AutoRemove: true }),
    act: (stage) => post(stage, 'kill'),
    points: { 'kill:after-signal': withShim, ...exits, ...removals },
  },
  {
    verb: 'rm',
    prepare: stopped,
    act: (stage) => stage.ask('DELETE', `/containers/${name}?v=1`),
    points: removals,
  },
  {
    verb: 'rm -f',
    prepare: run,
    act: (stage) => stage.ask('DELETE', `/containers/${name}?force=1&v=1`),
    points: { 'kill:after-mark': withShim, 'kill:after-signal': withShim, 'exit:after-state': crashes, ...removals },
  },
  {
    verb: 'pause',
    prepare: run,
    act: (stage) => post(stage, 'pause'),
    points: { 'pause:after-freeze': withShim, pause: runtime },
  },
  {
    verb: 'unpause',
    prepare: (stage) => run(stage).then(() => post(stage, 'pause')),
    act: (stage) => post(stage, 'unpause'),
    points: { 'unpause:after-thaw': withShim, resume: runtime },
  },
  {
    verb: 'exec',
    prepare: run,
    act: exec(['sleep', '1000']),
    points: {
      'exec:after-streams': failing,
      'exec:after-create': [...failing, 'shim'],
      'exec:after-start': withShim,
      exec: runtime,
    },
  },
  {
    verb: 'exec that ends',
    prepare: run,
    act: exec(['true']),
    points: { 'exec:after-exit': withShim },
  },
  {
    verb: 'commit',
    prepare: run,
    act: (stage) => stage.ask('POST', `/commit?container=${name}&repo=crash`, {}),
    points: { 'commit:after-freeze': [...failing, 'shim'], 'commit:after-image': failing },
  },
];

export const cases: readonly Case[] = scenes.flatMap(({ points, ...scene }) =>
  Object.entries(points).flatMap(([point, actions = []]) => actions.map((action) => ({ ...scene, point, action }))),
);

export const titleOf = ({ verb, point, action }: Case): string => `${verb}, ${point}, ${actionNames[action]}`;

const actionNames: Record<Action, string> = {
  exit: 'the agent is killed',
  kill: 'containerd is killed',
  shim: 'the shim is killed',
  enospc: 'the disk is full',
  before: 'runc is killed before it does that',
  after: 'runc is killed after it did that',
};
