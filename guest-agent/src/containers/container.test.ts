import { mkdtemp, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containerConfig } from '../api/engine/container-config.ts';
import { networkingConfig } from '../api/engine/endpoint.ts';
import { hostConfig } from '../api/engine/host-config.ts';
import { DataRoot } from '../storage/data-root.ts';
import { Container, type ContainerRecord } from './container.ts';
import { ContainerStore } from './container-store.ts';
import { initialState } from './container-state.ts';

const log = pino({ level: 'silent' });
let root: DataRoot;
beforeEach(async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'berth-'));
  root = new DataRoot({ dataRoot: dir, runRoot: path.join(dir, 'run') });
});
afterEach(() => rm(root.root, { recursive: true, force: true }));

const record = (id: string): ContainerRecord => ({
  ...{ id, name: `name-${id}`, created: '2026-01-01T00:00:00Z', path: 'true', args: [], platform: 'linux' },
  ...{ imageId: 'sha256:0', imageManifest: null, config: containerConfig.zero(), hostConfig: hostConfig.zero() },
  ...{ networking: networkingConfig.zero(), mounts: [], anonymousVolumes: [] },
});

async function storeWith(id: string): Promise<ContainerStore> {
  const store = new ContainerStore(root);
  await mkdir(root.container(id).dir, { recursive: true });
  store.add(record(id));
  return store;
}

async function reloaded(): Promise<ContainerStore> {
  const store = new ContainerStore(root);
  await store.load(log);
  return store;
}

test('a full disk refuses what is asked for, not what has happened', () => {
  const full = new Error('ENOSPC: no space left on device, write');
  const unsaved: unknown[] = [];
  const persistence = {
    saveRecord: () => undefined,
    saveState: () => {
      throw full;
    },
    reportUnsaved: (_id: string, error: unknown) => void unsaved.push(error),
  };
  const container = new Container({
    record: record('c'),
    state: initialState,
    paths: root.container('c'),
    persistence,
  });
  expect(() => container.update((old) => ({ ...old, phase: 'running' }))).toThrow(full);
  expect(container.state.phase).toBe('created');
  container.note((old) => ({ ...old, phase: 'exited' }));
  expect(container.state.phase).toBe('exited');
  expect(unsaved).toEqual([full]);
});

test.each([0, 10, 100])(
  'a state that was cut off after %i bytes: the container is there, as one that may run',
  async (size) => {
    const store = await storeWith('cut');
    store.get('cut').update((old) => ({ ...old, phase: 'running', pid: 17 }));
    await truncate(root.container('cut').state, size);
    expect((await reloaded()).get('cut').state).toMatchObject({ phase: 'running', hasRun: true, pid: 0 });
  },
);

test('a write that was cut off before its end leaves the old state', async () => {
  const store = await storeWith('old');
  store.get('old').update((old) => ({ ...old, phase: 'exited', exitCode: 3 }));
  await writeFile(`${root.container('old').state}.new`, '{"version":1,"da');
  expect((await reloaded()).get('name-old').state).toMatchObject({ phase: 'exited', exitCode: 3 });
});

test('a creation that was cut off is no container; what was made for it is known', async () => {
  const store = new ContainerStore(root);
  await mkdir(root.container('half').dir, { recursive: true });
  store.noteCreation('half', ['volume']);
  const later = await reloaded();
  expect(later.find('half')).toBeUndefined();
  expect(later.unfinished()).toEqual([{ id: 'half', volumes: ['volume'] }]);
  await later.forgetUnfinished(later.unfinished()[0]!);
  expect(later.unfinished()).toEqual([]);
  expect(await readdir(root.containers)).toEqual([]);
});

test('listeners for the removal are called once, and can be taken off', async () => {
  const container = (await storeWith('gone')).get('gone');
  const calls: string[] = [];
  container.onRemoved(() => calls.push('kept'));
  container.onRemoved(() => calls.push('taken off'))();
  container.markRemoved();
  container.markRemoved();
  await container.removed;
  expect(calls).toEqual(['kept']);
});
