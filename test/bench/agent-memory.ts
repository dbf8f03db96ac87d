import { readFileSync } from 'node:fs';
import { agentPid, type Berth } from '../helpers/berth.ts';

/** The agent's largest resident memory since it started (proc_pid_status(5), VmHWM). */
export function peakMegabytes({ home }: Pick<Berth, 'home'>): number {
  const status = readFileSync(`/proc/${agentPid(home)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
