import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { daemonPid } from '../faults/race/processes.ts';
import { agentPid, startBerth, type Berth, type DriverName } from '../helpers/berth.ts';

const seconds = 60;
const settleMs = 15_000;
/** USER_HZ, in which proc(5) counts. */
const ticksPerSecond = 100;

type Ticks = Record<string, number>;

/** What berth's processes take of a core while nobody asks for anything: without a container, and with one that sleeps. */
export async function benchIdle({ driver }: { driver: DriverName }): Promise<void> {
  await using berth = await startBerth(driver);
  await report(berth, driver, 'no container');
  await berth.docker(['run', '-d', 'busybox', 'sleep', '100000']);
  await report(berth, driver, 'one idle container');
}

async function report(berth: Berth, driver: DriverName, load: string): Promise<void> {
  await delay(settleMs);
  const before = ticksOf(berth, driver);
  // Its own start and end are none of what is measured.
  const inGuest = driver === 'linux' ? await delay(seconds * 1000, null) : await guestTicks(berth);
  const after = ticksOf(berth, driver);
  console.log(`${driver}, ${load}, ${seconds} s:`);
  for (const [name, ticks] of Object.entries(after)) print(name, ticks - before[name]!);
  if (inGuest !== null) print('agent, as the guest counts it', inGuest);
}

function print(name: string, ticks: number): void {
  console.log(`  ${((ticks / ticksPerSecond / seconds) * 100).toFixed(2)} % of a core  ${name}`);
}

function ticksOf({ home }: Berth, driver: DriverName): Ticks {
  const daemon = ticksIn(statOf(daemonPid(home)));
  if (driver === 'linux') return { daemon, agent: ticksIn(statOf(agentPid(home))) };
  const qemu = JSON.parse(readFileSync(path.join(home, 'machine/qemu.pid'), 'utf8')) as { pid: number };
  return { daemon, 'qemu, with a shell': ticksIn(statOf(qemu.pid)) };
}

function statOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}

/** Of the only Node.js in the guest, while a shell there sleeps. */
async function guestTicks(berth: Berth): Promise<number> {
  const cli = path.resolve(import.meta.dirname, '../../daemon/bin/berth.js');
  const look = 'cat /proc/$(pidof node)/stat';
  const input = `sleep 5; ${look}; sleep ${seconds}; ${look}; exit\n`;
  const { stdout } = await execa(process.execPath, [cli, 'shell', '--home', berth.home], { input });
  const [before = '', after = ''] = stdout.split('\n').filter((line) => /^\d+ \(/.test(line));
  return ticksIn(after) - ticksIn(before);
}

/** proc(5): user and system time, the 12th and 13th fields after the name. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
