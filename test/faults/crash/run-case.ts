import { existsSync } from 'node:fs';
import { until } from '@berth/daemon/testing';
import type { Case } from './cases.ts';
import type { Inspected, Stage } from './stage.ts';

const name = 'victim';
const soon = { timeoutMs: 20_000 };
/** Verbs in which the container may come or go. */
const mayBeGone = /create|rm/;

/** Lets the verb meet its fault, then looks whether the engine is what Docker could be. Rejects with what is wrong. */
export async function runCase(stage: Stage, faulty: Case): Promise<void> {
  await faulty.prepare(stage);
  stage.arm(faulty.point, faulty.action);
  const answered = faulty.act(stage).catch(() => undefined);
  await until(() => stage.wasReached, { ...soon, what: `${faulty.point}` });
  await answered;
  await stage.recovered();
  await expectSound(stage, faulty);
  await stage.expectNothingLeft();
}

async function expectSound(stage: Stage, { verb, action }: Case): Promise<void> {
  const seen = await settled(stage);
  if (!seen) {
    if (!mayBeGone.test(verb)) throw new Error('the container is lost');
    return;
  }
  expectConsistent(seen);
  if (action === 'shim') await until(async () => !(await runsOn(stage, seen.State.Pid)), { ...soon, what: 'the end' });
  await expectUsable(stage, verb, (await settled(stage))?.State.Status ?? 'gone');
  const { status, body } = await stage.ask('DELETE', `/containers/${name}?force=1&v=1`);
  if (status !== 204 && status !== 404) throw new Error(`rm -f: ${status} ${body}`);
}

/** List and inspect agree, which they may do only once the engine has caught up with what happened. */
async function settled(stage: Stage): Promise<Inspected | null> {
  let seen: Inspected | null = null;
  const agree = async () => {
    seen = await stage.inspect(name);
    const { body } = await stage.ask('GET', '/containers/json?all=1');
    const listed = (JSON.parse(body) as { Id: string; State: string }[]).find(({ Id }) => Id === seen?.Id);
    return listed?.State === seen?.State.Status && seen?.State.Status !== 'removing';
  };
  await until(agree, { ...soon, what: 'list and inspect agreeing' });
  return seen;
}

function expectConsistent({ State: { Status, Running, Paused, Pid } }: Inspected): void {
  const hasProcess = Status === 'running' || Status === 'paused';
  const isSound =
    ['created', 'running', 'paused', 'restarting', 'exited', 'dead'].includes(Status) &&
    Running === (hasProcess || Status === 'restarting') &&
    Paused === (Status === 'paused') &&
    Pid > 0 === hasProcess;
  if (!isSound) throw new Error(`impossible state: ${JSON.stringify({ Status, Running, Paused, Pid })}`);
}

const runsOn = async (stage: Stage, pid: number): Promise<boolean> =>
  (await stage.inspect(name))?.State.Pid === pid && pid > 0;

/** What runs does so really and can be stopped; then it can be started. */
async function expectUsable(stage: Stage, verb: string, status: string): Promise<void> {
  const post = async (action: string, ...allowed: number[]) => {
    const answer = await stage.ask('POST', `/containers/${name}/${action}`);
    if (!allowed.includes(answer.status)) throw new Error(`${action} when ${status}: ${answer.status} ${answer.body}`);
  };
  if (status === 'dead' || status === 'gone') return;
  // 500: what a runc that was killed after it had thawed leaves; dockerd cannot unpause that either, but both can stop it.
  if (status === 'paused') await post('unpause', 204, 500);
  if (status === 'running' || status === 'paused') {
    const pid = (await stage.inspect(name))?.State.Pid ?? 0;
    if (!existsSync(`/proc/${pid}`)) throw new Error(`process ${pid} is not there`);
    await post('stop?t=0', 204);
    if ((await stage.inspect(name)) === null) return;
  }
  // One with --rm is on its way out.
  if (verb.includes('--rm')) return;
  await post('start', 204, 304);
  await until(async () => (await stage.inspect(name))?.State.Status === 'running', { ...soon, what: 'a new run' });
}
