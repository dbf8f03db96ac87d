import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '@berth/daemon/testing';
import { Stage } from './stage.ts';

/** The agent is killed between two steps of a network's verb; what is there afterwards has to fit together. */
const network = 'torn';
const create = (stage: Stage) => stage.ask('POST', '/networks/create', { Name: network });
const move = (verb: string) => (stage: Stage) =>
  stage.ask('POST', `/networks/${network}/${verb}`, { Container: 'victim', Force: false });
const connected = (stage: Stage) => create(stage).then(() => move('connect')(stage));

export interface Torn {
  point: string;
  prepare: (stage: Stage) => Promise<unknown>;
  act: (stage: Stage) => Promise<unknown>;
}
const nothing = async () => undefined;
const remove = (stage: Stage) => stage.ask('DELETE', `/networks/${network}`);
export const tornNetworks: readonly Torn[] = [
  { point: 'network-create:after-record', prepare: nothing, act: create },
  { point: 'network-create:after-link', prepare: nothing, act: create },
  { point: 'network-remove:after-record', prepare: create, act: remove },
  { point: 'connect:after-wire', prepare: create, act: move('connect') },
  { point: 'connect:after-sandbox', prepare: create, act: move('connect') },
  { point: 'disconnect:after-unwire', prepare: connected, act: move('disconnect') },
  { point: 'disconnect:after-sandbox', prepare: connected, act: move('disconnect') },
];

/** Bridges that this engine has made for networks of the user's: they bear its mark, the name of its own bridge. */
async function bridges(on: Stage): Promise<string[]> {
  const { body } = await on.ask('GET', '/networks/bridge');
  const { Options } = JSON.parse(body) as { Options: Record<string, string> };
  const mark = Options['com.docker.network.bridge.name'];
  const aliasOf = (name: string) => readFileSync(`/sys/class/net/${name}/ifalias`, 'utf8').trim();
  return readdirSync('/sys/class/net').filter((name) => name.startsWith('br-') && aliasOf(name) === mark);
}

async function freshStage(): Promise<Stage> {
  const opened = await Stage.open();
  await opened.ask('POST', '/containers/create?name=victim', { Image: 'busybox', Cmd: ['sleep', '1000'] });
  await opened.ask('POST', '/containers/victim/start');
  return opened;
}

/** One test for each case; several share a berth. */
export function playTornNetworks(all: readonly Torn[]): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await freshStage();
  }, 60_000);
  afterAll(() => stage[Symbol.asyncDispose]());

  test.each(all)(
    '$point',
    async ({ point, prepare, act }) => {
      if (stage.isWornOut) {
        await stage[Symbol.asyncDispose]();
        stage = await freshStage();
      }
      await prepare(stage);
      stage.arm(point, 'exit');
      const answered = act(stage).catch(() => undefined);
      await until(() => stage.wasReached, { timeoutMs: 20_000, what: point });
      await answered;
      await stage.recovered();
      await expectSound(stage);
    },
    60_000,
  );
}

interface Inspected {
  Id: string;
  Containers: Record<string, { EndpointID: string }>;
}

/** Bridges, cables and endpoints agree, and the network can be used, left and removed. */
async function expectSound(on: Stage): Promise<void> {
  const { status, body } = await on.ask('GET', `/networks/${network}`);
  if (status === 200) {
    const { Id, Containers } = JSON.parse(body) as Inspected;
    const bridge = `br-${Id.slice(0, 12)}`;
    expect(existsSync(`/sys/class/net/${bridge}`)).toBe(true);
    expect(readdirSync(`/sys/class/net/${bridge}/brif`).length).toBe(Object.keys(Containers).length);
    await move('disconnect')(on);
    expect((await move('connect')(on)).status).toBe(200);
    expect((await move('disconnect')(on)).status).toBe(200);
    expect((await remove(on)).status).toBe(204);
  }
  expect(await bridges(on)).toEqual([]);
}
