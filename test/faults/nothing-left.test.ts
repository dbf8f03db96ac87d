import { execa } from 'execa';
import { expect, test } from 'vitest';
import { hasBuildKit, startBerth } from '../helpers/berth.ts';
import { interfacesOf } from '../helpers/traces.ts';
import { playKill, runContainers } from './kill/linux-kill.ts';
import { expectNothingLeft } from './kill/nothing-left.ts';
import { seeded } from './race/random.ts';

/* What `berth down` leaves on this machine with the linux driver: nothing. Needs root. More kills: the suite `long`. */

test('down with all that runs: containers, clients, a build', { timeout: 60_000 }, async () => {
  await using berth = await startBerth('linux', { parent: '/var/tmp' });
  await runContainers(berth);
  const env = { DOCKER_HOST: berth.dockerHost };
  const clients = [['events'], ['logs', '-f', 'web'], ['stats'], ['exec', 'web', 'top']].map((args) =>
    execa('docker', args, { env, reject: false }),
  );
  if (hasBuildKit) await berth.docker(['build', '-t', 'built', '-'], { input: 'FROM busybox\nRUN true\n' });
  const links = interfacesOf(berth.home);
  expect(links.length).toBeGreaterThan(2);
  await expectNothingLeft(berth, { upFirst: false, links });
  await Promise.all(clients);
});

test(
  'down after daemon, agent, containerd and a shim were killed in the middle of work',
  { timeout: 60_000 },
  async () => {
    await using berth = await startBerth('linux', { parent: '/var/tmp' });
    await playKill(berth, 'all', seeded(7));
  },
);
