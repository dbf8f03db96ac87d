import { seeded } from './random.ts';
import { play, verbs, type Answer, type Stage } from './verbs.ts';

export interface Schedule {
  seed: number;
  /** Requests altogether. */
  requests: number;
  /** Requests under way at a time. */
  parallel: number;
  /** Names that they fight over. */
  containers: number;
}

const names = Object.keys(verbs);
/** So that there is mostly something to fight over. */
const often = ['create', 'start', 'start', 'restart', 'exec', 'exec', 'stop', 'kill', 'pause', 'unpause', 'inspect'];
const weighted = [...names, ...often, ...often, ...often.slice(0, 3)];

/** The requests of a schedule, the same for the same seed; how they interleave is up to the engine. */
export async function runSchedule(
  socketPath: string,
  schedule: Schedule,
): Promise<{ answers: Answer[]; label: string }> {
  const random = seeded(schedule.seed);
  const label = `race-${schedule.seed}-${Date.now()}`;
  const containers = Array.from({ length: schedule.containers }, (_, i) => `${label}-${'abcdefghijklmnop'[i]}`);
  const stage: Stage = { socketPath, names: containers, label, random };
  for (const name of containers) {
    await play(stage, 'create', name);
    await play(stage, 'start', name);
  }
  const plan = Array.from({ length: schedule.requests }, () => ({
    verb: random.pick(weighted),
    name: random.pick(containers),
  }));
  const answers: Answer[] = [];
  const work = async () => {
    for (let step = plan.shift(); step; step = plan.shift()) answers.push(await play(stage, step.verb, step.name));
  };
  await Promise.all(Array.from({ length: schedule.parallel }, work));
  return { answers, label };
}

/** Removes what a schedule has left, by name; the answers. */
export async function cleanUp(socketPath: string, label: string): Promise<Answer[]> {
  const stage: Stage = { socketPath, names: [], label, random: seeded(0) };
  const answers: Answer[] = [];
  for (const letter of 'abcdefghijklmnop') answers.push(await play(stage, 'removeForced', `${label}-${letter}`));
  return answers;
}

/** Distinct answers per verb, `status text`. */
export function distinct(answers: readonly Answer[]): Record<string, string[]> {
  const byVerb = Map.groupBy(answers, ({ verb }) => verb);
  return Object.fromEntries(
    [...byVerb]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([verb, list]) => [
        verb,
        [...new Set(list.map(({ status, message }) => `${status} ${message}`.trim()))].sort(),
      ]),
  );
}
