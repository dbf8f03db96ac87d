import type { ContainerEvent } from './event-stream.ts';

/**
 *   create ──► [stopped] ──start──► [running] ◄──unpause── [paused]
 *                 ▲  └──destroy──►    │   └───pause──────────►│
 *                 └────────die────────┴───────────────────────┘
 *
 * rename, update and restart may come wherever the container is, stop only after a die; exec_create and exec_start
 * while it runs; exec_die after its exec_start, at the latest soon after the die.
 */
type Place = 'nowhere' | 'stopped' | 'running' | 'paused' | 'gone';

/** Everything in the events that cannot have happened; empty for a legal history. Events come in their order. */
export function illegalOrder(events: readonly ContainerEvent[]): string[] {
  const problems: string[] = [];
  const histories = Map.groupBy(events, ({ Actor }) => Actor.ID);
  for (const [id, history] of histories) {
    const problem = firstProblem(history.map(({ Action }) => Action.split(':')[0]!));
    if (problem !== null) problems.push(`${id.slice(0, 12)}: ${problem}`);
  }
  return problems;
}

const moves: Readonly<Record<string, { from: readonly Place[]; to: Place }>> = {
  create: { from: ['nowhere'], to: 'stopped' },
  start: { from: ['stopped'], to: 'running' },
  die: { from: ['running', 'paused'], to: 'stopped' },
  pause: { from: ['running'], to: 'paused' },
  unpause: { from: ['paused'], to: 'running' },
  destroy: { from: ['stopped'], to: 'gone' },
};
const alive: readonly Place[] = ['stopped', 'running', 'paused'];
const allowed: Readonly<Record<string, readonly Place[]>> = {
  kill: ['running', 'paused'],
  exec_create: ['running', 'paused', 'stopped'],
  exec_start: ['running', 'paused', 'stopped'],
  exec_die: [...alive, 'gone'],
  oom: alive,
  // Told after the fact: somebody else may have gone on meanwhile.
  stop: [...alive, 'gone'],
  restart: [...alive, 'gone'],
  rename: alive,
  update: [...alive, 'gone'],
};

function firstProblem(actions: readonly string[]): string | null {
  let place: Place = 'nowhere';
  let deaths = 0;
  for (const [index, action] of actions.entries()) {
    const before = actions.slice(0, index + 1).join(' ');
    const move = moves[action];
    if (move) {
      if (!move.from.includes(place)) return `${action} while ${place}: ${before}`;
      place = move.to;
    } else if (!allowed[action]?.includes(place)) {
      return `${action} while ${place}: ${before}`;
    }
    if (action === 'die') deaths++;
    if (action === 'stop' && deaths === 0) return `stop before any die: ${before}`;
  }
  return null;
}
