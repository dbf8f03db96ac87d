import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findingsText } from '../cli/doctor.ts';
import { uncheckedPathsOf } from '../config/paths.ts';
import { ensureContext } from '../docker-context/ensure-context.ts';
import { writeCurrentContext } from '../docker-context/current-context.ts';
import { scratchDir, type ScratchDir } from '../vm/testing/scratch-dir.ts';
import { examine } from './examine.ts';
import { configurationFact } from './facts/configuration.ts';
import { daemonFact } from './facts/daemon.ts';
import { dockerClientFact } from './facts/docker-client.ts';
import { droppingChains } from './facts/forwarding.ts';
import { diskSpaceFact, homeFact } from './facts/home.ts';
import { pingEngine } from './facts/ping.ts';
import { ok, problem } from './finding.ts';
import type { DoctorHost } from './host.ts';

function hostOf(dir: ScratchDir, home = dir.path): DoctorHost {
  return {
    paths: uncheckedPathsOf({ flag: home, berthHome: null }),
    environment: {
      ...{ berthHome: null, imageDir: null, agentFile: null, logLevel: 'info', proxies: {} },
      ...{ dockerConfig: dir.file('docker'), dockerHost: null, dockerContext: null },
      ...{ configHome: null, appData: null, searchPath: null, shell: null },
    },
    installation: {
      ...{ agentCommand: ['agent'], containerdCommand: ['containerd'], pagesDir: '' },
      imageDir: () => dir.file('image'),
    },
    architecture: 'amd64',
    driver: { asked: 'auto', chosen: null, image: 'vm', problem: null },
  };
}

test('tells every finding, one a line, with its fix; a check that fails is one itself', async () => {
  await using dir = await scratchDir();
  const findings = await examine(hostOf(dir), {
    good: async () => ok('fine'),
    bad: async () => problem('broken', 'mend it'),
    odd: async () => Promise.reject(new Error('no look')),
  });
  expect(findingsText(findings)).toBe(
    'ok       good           fine\nPROBLEM  bad            broken\n                        fix: mend it\n' +
      'warning  odd            could not be looked at: no look\n' +
      '                        fix: put that right and run `berth doctor` again\n',
  );
});

test('the home: there, open, a file, not there, below a file', async () => {
  await using dir = await scratchDir();
  await mkdir(dir.file('home'));
  await chmod(dir.file('home'), 0o755);
  await writeFile(dir.file('file'), '');
  const look = (home: string) => homeFact(hostOf(dir, dir.file(home)));
  expect(await look('home')).toMatchObject({ state: 'usable', access: { owned: true, openBy: 'mode 755' } });
  expect(await look('file')).toMatchObject({ state: 'not a folder' });
  expect(await look('new/home')).toMatchObject({ state: 'absent' });
  expect(await look('file/home')).toMatchObject({ state: 'cannot be made' });
  expect((await diskSpaceFact(hostOf(dir, dir.file('new/home')))).freeBytes).toBeGreaterThan(0);
});

test('the configuration: each file that is wrong, then what they say together', async () => {
  await using dir = await scratchDir();
  const host = hostOf(dir);
  expect(await configurationFact(host)).toEqual({ problems: [] });
  await writeFile(host.paths.settings, '{"cpus":0}');
  await writeFile(host.paths.engineConfig, '{');
  const { problems } = await configurationFact(host);
  expect(problems).toEqual([
    expect.stringContaining('settings.json: cpus'),
    expect.stringContaining('daemon.json: not valid JSON'),
  ]);
});

test('where docker leads, in the order of the stock CLI', async () => {
  await using dir = await scratchDir();
  const host = hostOf(dir);
  const look = (more: object = {}) => dockerClientFact({ ...host, environment: { ...host.environment, ...more } });
  expect(await look()).toMatchObject({ chosenBy: 'default', leadsHere: false });
  await ensureContext(dir.file('docker'), host.paths);
  await writeCurrentContext(dir.file('docker'), 'berth');
  expect(await look()).toMatchObject({ chosenBy: 'docker context use', choice: 'berth', leadsHere: true });
  expect(await look({ dockerContext: 'gone' })).toMatchObject({ chosenBy: 'DOCKER_CONTEXT', host: null });
  await writeFile(host.paths.engineSocket, '');
  await symlink(host.paths.engineSocket, dir.file('link.sock'));
  const dockerHost = `unix://${dir.file('link.sock')}`;
  expect(await look({ dockerHost, dockerContext: 'gone' })).toMatchObject({ chosenBy: 'DOCKER_HOST', leadsHere: true });
});

test('a daemon: none, one that answers with nonsense, a path too long for one', async () => {
  await using dir = await scratchDir();
  const host = hostOf(dir);
  expect(await daemonFact(host)).toEqual({ kind: 'none', machineLeft: false });
  expect(await daemonFact(hostOf(dir, dir.file('x'.repeat(120))))).toEqual({ kind: 'none', machineLeft: false });
  const server = createServer((_request, response) => response.writeHead(200, { server: 'Odd/1' }).end('nonsense'));
  await once(server.listen(host.paths.controlSocket), 'listening');
  try {
    expect(await daemonFact(host)).toMatchObject({ kind: 'silent' });
    expect(await pingEngine(host.paths.controlSocket)).toBe('Odd/1');
    expect(await pingEngine(host.paths.engineSocket)).toBeNull();
  } finally {
    server.close();
  }
});

test('chains that drop what is forwarded', () => {
  const chain = { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' };
  const others = [
    { ...chain, policy: 'accept' },
    { ...chain, hook: 'input' },
    { family: 'ip', table: 't', name: 'n' },
  ];
  expect(droppingChains({ nftables: [{}, { chain }, ...others.map((other) => ({ chain: other }))] })).toEqual([
    'ip filter FORWARD',
  ]);
});
