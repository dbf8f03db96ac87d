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
  const before = await ticksOf(berth, driver);
  await delay(seconds * 1000);
  const after = await ticksOf(berth, driver);
  console.log(`${driver}, ${load}, ${seconds} s:`);
  for (const [name, ticks] of Object.entries(after)) {
    const share = (ticks - before[name]!) / ticksPerSecond / seconds;
    console.log(`  ${(share * 100).toFixed(2)} % of a core  ${name}`);
  }
}

async function ticksOf(berth: Berth, driver: DriverName): Promise<Ticks> {
  const daemon = ticksIn(statOf(daemonPid(berth.home)));
  if (driver === 'linux') return { daemon, agent: ticksIn(statOf(agentPid(berth.home))) };
  const qemu = JSON.parse(readFileSync(path.join(berth.home, 'machine/qemu.pid'), 'utf8')) as { pid: number };
  return { daemon, qemu: ticksIn(statOf(qemu.pid)), 'agent, as the guest counts it': ticksIn(await guestStat(berth)) };
}

function statOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}

/** Of the only Node.js in the guest. */
async function guestStat(berth: Berth): Promise<string> {
  const cli = path.resolve(import.meta.dirname, '../../daemon/bin/berth.js');
  const input = 'cat /proc/$(pidof node)/stat; exit\n';
  const { stdout } = await execa(process.execPath, [cli, 'shell', '--home', berth.home], { input });
  return stdout.split('\n').find((line) => /^\d+ \(/.test(line)) ?? '';
}

/** proc(5): user and system time, the 12th and 13th fields after the name. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
