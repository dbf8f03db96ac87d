import { setTimeout as delay } from 'node:timers/promises';
import { servicePid, type Berth } from '../../helpers/berth.ts';
import { interfacesOf } from '../../helpers/traces.ts';
import { daemonPid, shimOf } from '../race/processes.ts';
import type { Random } from '../race/random.ts';
import { expectNothingLeft } from './nothing-left.ts';

/** What there is to kill with the linux driver. */
const victims = {
  daemon: ({ home }: Berth) => [daemonPid(home)],
  agent: ({ home }: Berth) => [servicePid(home, 'agent')],
  containerd: ({ home }: Berth) => [servicePid(home, 'containerd')],
  shim: (_: Berth, container: string) => [shimOf(container)],
  'daemon and agent': ({ home }: Berth) => [daemonPid(home), servicePid(home, 'agent')],
  all: ({ home }: Berth, container: string) => [
    ...[daemonPid(home), servicePid(home, 'agent'), servicePid(home, 'containerd'), shimOf(container)],
  ],
};

export type Victim = keyof typeof victims;
export const allVictims = Object.keys(victims) as Victim[];

/** Containers of several kinds; the id of one. */
export async function runContainers(berth: Berth): Promise<string> {
  const run = async (...args: string[]) => (await berth.docker(['run', '-d', ...args])).stdout;
  await berth.docker(['network', 'create', '--ipv6', 'backend']);
  await run('--restart', 'always', '--tmpfs', '/t', '--health-cmd', 'true', 'busybox', 'top');
  const stubborn = ['busybox', 'sh', '-c', 'trap "" TERM; sleep 1000 & wait'];
  await run('--network', 'host', '--stop-timeout', '1', ...stubborn);
  return run('--name', 'web', '-p', '80', '--network', 'backend', '-v', 'data:/v', 'busybox', 'top');
}

/** Kills in the middle of work, and has `berth down` end what is left, at times after another `berth up`. */
export async function playKill(berth: Berth, victim: Victim, random: Random): Promise<void> {
  const container = await runContainers(berth);
  const another = ['run', '-d', '-p', '80', '--network', 'backend', 'busybox', 'top'];
  const input = `FROM busybox\nRUN echo ${victim}\n`;
  const working = [berth.docker(another), berth.docker(another), berth.docker(['build', '-'], { input })];
  await delay(random.below(700));
  for (const pid of victims[victim](berth, container)) process.kill(pid, 'SIGKILL');
  await Promise.all(working);
  await expectNothingLeft(berth, { upFirst: random.below(2) === 0, links: interfacesOf(berth.home) });
}
