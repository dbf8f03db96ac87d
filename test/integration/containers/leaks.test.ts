import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';
import { openHijacked } from '../../helpers/hijack.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

/** Everything on this machine that belongs to this berth and that a container uses while it runs. */
async function holdings(): Promise<Record<string, number>> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args=']);
  const own = stdout.split('\n').filter((line) => line.includes(berth.home));
  const agent = own.find((line) => /agent\.mjs|guest-agent/.test(line));
  const daemon = own.find((line) => line.includes('daemon') && !line.includes('agent.json'));
  const descriptors = (line: string | undefined) =>
    line ? readdirSync(`/proc/${Number(line.trim().split(' ')[0])}/fd`).length : 0;
  return {
    shims: own.filter((line) => line.includes('containerd-shim')).length,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(berth.home)).length,
    interfaces: readdirSync('/sys/class/net').filter((name) => name.startsWith('veth')).length,
    agentDescriptors: descriptors(agent),
    daemonDescriptors: descriptors(daemon),
  };
}

/** A few descriptors come and go with keep-alive connections. */
const slack = { shims: 0, mounts: 0, interfaces: 0, agentDescriptors: 6, daemonDescriptors: 6 };

async function expectNoMoreThan(before: Record<string, number>): Promise<void> {
  await expect
    .poll(
      async () => {
        const now = await holdings();
        return Object.entries(slack)
          .filter(([name, more]) => (now[name] ?? 0) > (before[name] ?? 0) + more)
          .map(([name]) => `${name}: ${before[name]} → ${now[name]}`);
      },
      { timeout: 15_000 },
    )
    .toEqual([]);
}

test('40 containers, run in parallel, with execs, failures and ports, leave nothing', async () => {
  const one = async (i: number) => {
    await berth.docker([
      'run',
      '-d',
      '--name',
      `leak${i}`,
      '-p',
      '80',
      '-v',
      `leak${i}:/data`,
      'busybox',
      'sleep',
      '1000',
    ]);
    await berth.docker(['exec', `leak${i}`, 'true']);
    await berth.docker(['exec', `leak${i}`, 'no-such-program']);
    await berth.docker(['rm', '-f', `leak${i}`]);
    await berth.docker(['run', '--rm', 'busybox', 'no-such-program']);
    await berth.docker(['volume', 'rm', `leak${i}`]);
  };
  const round = (number: number) => Promise.all(Array.from({ length: 8 }, (_, i) => one(number * 8 + i)));
  // Also fills the pool of streams that the daemon keeps open to the agent.
  await round(0);
  const before = await holdings();
  for (let number = 1; number <= 5; number++) await round(number);
  await expectNoMoreThan(before);
});

test('100 clients that leave in mid-stream leave nothing', async () => {
  await berth.docker([
    'run',
    '-d',
    '--name',
    'busy',
    'busybox',
    'sh',
    '-c',
    'while true; do head -c 100000 /dev/zero | tr "\\0" x; echo; sleep 0.02; done',
  ]);
  const before = await holdings();
  const leave = async (i: number) => {
    const stream = await openHijacked({
      socketPath: berth.socketPath,
      path:
        i % 2 === 0 ? '/containers/busy/attach?stream=1&stdout=1' : '/containers/busy/attach?stream=1&stdout=1&stdin=1',
    });
    await new Promise((resolve) => stream.once('readable', resolve));
    stream.destroy();
  };
  await Promise.all(Array.from({ length: 100 }, (_, i) => leave(i)));
  for (let i = 0; i < 10; i++) {
    await engineRequest(berth.socketPath, {
      method: 'GET',
      path: '/containers/busy/logs?stdout=1&follow=1',
      timeoutMs: 50,
    });
    await engineRequest(berth.socketPath, { method: 'GET', path: '/events', timeoutMs: 50 });
  }
  await expectNoMoreThan(before);
  // It still writes: clients that have left hold nothing up.
  const size = () => berth.docker(['logs', '--tail', '1', '-t', 'busy']).then(({ stdout }) => stdout);
  const earlier = await size();
  await expect.poll(size).not.toBe(earlier);
  await berth.docker(['rm', '-f', 'busy']);
});
