import { isRunning, type ContainerState } from '../container-state.ts';

const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;
const weekS = 7 * dayS;
const monthS = 30 * dayS;
const yearS = 365 * dayS;

/** Seconds in words, as Docker's `Up 5 minutes` has them. */
export function humanDuration(seconds: number): string {
  if (seconds < 1) return 'Less than a second';
  if (seconds < 2) return '1 second';
  if (seconds < minuteS) return `${Math.floor(seconds)} seconds`;
  const minutes = Math.floor(seconds / minuteS);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / hourS);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (seconds < 2 * weekS) return `${Math.floor(seconds / dayS)} days`;
  if (seconds < 2 * monthS) return `${Math.floor(seconds / weekS)} weeks`;
  if (seconds < 2 * yearS) return `${Math.floor(seconds / monthS)} months`;
  return `${Math.floor(seconds / yearS)} years`;
}

const since = (time: string, nowMs: number): string => humanDuration((nowMs - Date.parse(time)) / 1000);

/** The STATUS column of `docker ps`. */
export function statusText(state: ContainerState, nowMs: number): string {
  switch (state.phase) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${since(state.startedAt, nowMs)}${healthText(state)}`;
    case 'paused':
      return `Up ${since(state.startedAt, nowMs)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt, nowMs)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finishedAt, nowMs)} ago`;
  }
}

function healthText({ health }: ContainerState): string {
  if (!health) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

/** State of inspect. */
export function stateView(state: ContainerState): object {
  return {
    Status: state.phase,
    Running: isRunning(state),
    Paused: state.phase === 'paused',
    Restarting: state.phase === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: state.phase === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health && {
      Health: { Status: state.health.status, FailingStreak: state.health.failingStreak, Log: state.health.log },
    }),
  };
}
