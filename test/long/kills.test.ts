import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allVictims, playKill } from '../faults/kill/linux-kill.ts';
import { expectNothingLeft } from '../faults/kill/nothing-left.ts';
import { daemonPid } from '../faults/race/processes.ts';
import { seeded } from '../faults/race/random.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';

/* Kills at moments that a seed chooses; then `berth down`, at times after another `berth up`, leaves nothing. */

const rounds = [1, 2, 3].flatMap((seed) => allVictims.map((victim) => ({ victim, seed })));

test.each(rounds)('linux: %o', { timeout: 120_000 }, async ({ victim, seed }) => {
  await using berth = await startBerth('linux', { parent: '/var/tmp' });
  await playKill(berth, victim, seeded(seed));
});

const qemuPid = (home: string): number =>
  (JSON.parse(readFileSync(path.join(home, 'machine/qemu.pid'), 'utf8')) as { pid: number }).pid;

/** In the guest, from a container that shares its processes. */
async function killAgent(berth: Berth): Promise<void> {
  await berth.docker(['run', '--rm', '--privileged', '--pid', 'host', 'busybox', 'killall', '-KILL', 'node']);
}

test('qemu: killed QEMUs, daemons and agents, five times', { timeout: 1_800_000 }, async () => {
  const random = seeded(11);
  await using berth = await startBerth('qemu');
  for (let round = 0; round < 5; round += 1) {
    const working = berth.docker(['run', '--name', `round${round}`, '-p', '80', 'busybox', 'sleep', '2']);
    await delay(random.below(4_000));
    const victim = random.pick(['qemu', 'daemon', 'both', 'agent'] as const);
    if (victim === 'agent') await killAgent(berth);
    if (victim === 'qemu' || victim === 'both') process.kill(qemuPid(berth.home), 'SIGKILL');
    if (victim === 'daemon' || victim === 'both') process.kill(daemonPid(berth.home), 'SIGKILL');
    await working;
    await expectNothingLeft(berth, { upFirst: random.below(2) === 0 });
    expect(await berth.berth('up'), `round ${round}: ${victim}`).toMatchObject({ exitCode: 0 });
  }
});
