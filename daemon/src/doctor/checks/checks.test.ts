import { describe, expect, test } from 'vitest';
import type { Finding } from '../finding.ts';
import { checkAcceleration } from './acceleration.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDaemon } from './daemon.ts';
import { checkDiskSpace } from './disk-space.ts';
import { checkDockerClient } from './docker-client.ts';
import { checkDriver } from './driver.ts';
import { checkForwarding } from './forwarding.ts';
import { checkHome } from './home.ts';
import { checkOtherEngine } from './other-engine.ts';
import { checkQemu } from './qemu.ts';
import { checkSocketPath } from './socket-path.ts';
import { checkVmImage } from './vm-image.ts';

type Row<T> = [fact: T, state: Finding['state'], said: RegExp];

/** A finding is one line, and what is not well has a fix of one line. */
function table<T>(name: string, check: (fact: T) => Finding, rows: Row<T>[]): void {
  describe(name, () =>
    test.each(rows)('%o is %s', (fact, state, said) => {
      const { finding, fix, ...rest } = check(fact);
      expect(rest).toEqual({ state });
      expect(`${finding} | ${fix ?? ''}`).toMatch(said);
      expect(fix !== null).toBe(state === 'warning' || state === 'problem');
    }),
  );
}

const chosen = { name: 'qemu', detail: 'QEMU 9.0' };
table('driver', checkDriver, [
  [{ asked: 'auto', chosen, image: 'vm', problem: null }, 'ok', /^auto: qemu \(QEMU 9.0\)/],
  [{ asked: 'qemu', chosen, image: 'vm', problem: null }, 'ok', /^qemu \(QEMU 9.0\)/],
  [{ asked: 'linux', chosen: null, image: null, problem: 'linux: run as root' }, 'problem', /linux: run as root/],
]);

const version = (major: number, minor: number) => ({
  qemu: { file: 'q', version: { major, minor, micro: 1, text: `${major}.${minor}.1` } },
});
const missing = { qemu: { problem: 'QEMU is not installed' } };
table('qemu', checkQemu, [
  [{ ...version(9, 0), needed: true, tooOld: null, emulates: true }, 'ok', /^QEMU 9.0.1 \|/],
  [{ ...version(7, 2), needed: true, tooOld: null, emulates: false }, 'ok', /^QEMU 7.2.1 \|/],
  [{ ...version(7, 2), needed: true, tooOld: null, emulates: true }, 'warning', /one thread.*8\.1 or newer/],
  [
    { ...version(7, 1), needed: true, tooOld: 'QEMU 7.1 is too old', emulates: false },
    'problem',
    /too old.*newer QEMU/,
  ],
  [{ ...version(6, 9), needed: false, tooOld: null, emulates: false }, 'ok', /not used/],
  [{ ...missing, needed: true, tooOld: null, emulates: false }, 'problem', /not installed.*install QEMU/],
  [{ ...missing, needed: false, tooOld: null, emulates: false }, 'skipped', /not needed/],
]);

const acceleration = {
  platform: 'linux',
  needed: true,
  proven: null,
  unsigned: null,
  cacheFile: '/h/accelerator.json',
};
table('acceleration', checkAcceleration, [
  [{ ...acceleration, proven: 'kvm', host: 'offered' }, 'ok', /^kvm \|/],
  [{ ...acceleration, host: 'offered' }, 'ok', /first start tries it/],
  [{ ...acceleration, host: 'unknown', platform: 'win32' }, 'ok', /first start tries it/],
  [{ ...acceleration, proven: 'tcg', host: 'offered' }, 'warning', /did not run a VM.*remove \/h\/accelerator\.json/],
  [{ ...acceleration, host: 'denied' }, 'warning', /may not be opened.*usermod -aG kvm/],
  [{ ...acceleration, host: 'missing' }, 'warning', /offers none.*nested/],
  [{ ...acceleration, proven: 'kvm', host: 'missing', platform: 'darwin' }, 'warning', /Hypervisor framework/],
  [{ ...acceleration, proven: 'tcg', host: 'unknown', platform: 'win32' }, 'warning', /Windows Hypervisor Platform/],
  [
    { ...acceleration, platform: 'darwin', host: 'offered', unsigned: '/q' },
    'warning',
    /not signed.*codesign .* '\/q'/,
  ],
  [{ ...acceleration, needed: false, host: 'missing' }, 'skipped', /no VM/],
]);

table('VM image', checkVmImage, [
  [{ needed: true, imageDir: '/i', problem: null }, 'ok', /complete \(\/i\)/],
  [{ needed: true, imageDir: '/i', problem: 'root.img is missing' }, 'problem', /root\.img is missing.*scripts\/setup/],
  [{ needed: false, imageDir: '/i', problem: null }, 'skipped', /no VM/],
]);

table('socket path', checkSocketPath, [
  [{ paths: ['/a', '/abc'], limit: 4 }, 'ok', /^4 of 4 bytes/],
  [{ paths: ['/a', '/abcd'], limit: 4 }, 'problem', /\/abcd has 5 bytes.*shorter --home/],
  [{ paths: ['/äö'], limit: 4 }, 'problem', /has 5 bytes/],
]);

const gibibytes = (count: number) => ({ home: '/h', freeBytes: count * 1024 ** 3 });
table('disk space', checkDiskSpace, [
  [gibibytes(5), 'ok', /^5\.0 GiB free for \/h/],
  [gibibytes(4.9), 'warning', /docker system prune/],
  [gibibytes(1), 'warning', /1\.0 GiB/],
  [gibibytes(0), 'problem', /0\.0 GiB free/],
]);

const access = { owned: true, openBy: null, fix: null };
const home = { home: '/h', access: null };
table('home', checkHome, [
  [{ ...home, state: 'usable', access }, 'ok', /private/],
  [{ ...home, state: 'absent' }, 'ok', /made by the first start/],
  [
    { ...home, state: 'usable', access: { ...access, openBy: 'mode 750', fix: 'chmod 700 /h' } },
    'problem',
    /mode 750.*chmod 700 \/h/,
  ],
  [{ ...home, state: 'usable', access: { ...access, owned: false } }, 'problem', /another user.*another --home/],
  [{ ...home, state: 'not a folder' }, 'problem', /not a folder.*another --home/],
  [{ ...home, state: 'cannot be made' }, 'problem', /cannot be made/],
  [{ ...home, state: 'not readable and writable' }, 'problem', /not readable and writable/],
]);

const answers = { kind: 'answers', state: 'running', problem: null, engineAnswers: true } as const;
table('daemon', checkDaemon, [
  [answers, 'ok', /the machine is running/],
  [{ ...answers, engineAnswers: false }, 'problem', /engine does not answer.*berth logs/],
  [{ ...answers, state: 'stopped', engineAnswers: false }, 'ok', /the machine is stopped/],
  [{ ...answers, state: 'failed', problem: 'no kernel' }, 'problem', /failed: no kernel.*berth up/],
  [{ kind: 'silent', problem: 'no answer' }, 'problem', /no answer/],
  [{ kind: 'none', machineLeft: false }, 'ok', /not running/],
  [{ kind: 'none', machineLeft: true }, 'problem', /without its machine.*berth down/],
]);

const client = { choice: 'x', host: 'tcp://a:1', leadsHere: false };
table('docker client', checkDockerClient, [
  [{ ...client, chosenBy: 'DOCKER_HOST', leadsHere: true }, 'ok', /this engine \(DOCKER_HOST: x\)/],
  [{ ...client, chosenBy: 'DOCKER_HOST' }, 'warning', /talks to tcp:\/\/a:1.*unset DOCKER_HOST/],
  [{ ...client, chosenBy: 'DOCKER_CONTEXT' }, 'warning', /unset DOCKER_CONTEXT/],
  [{ ...client, chosenBy: 'docker context use' }, 'warning', /berth context use/],
  [{ ...client, chosenBy: 'default', choice: 'default' }, 'warning', /no context is chosen.*eval/],
  [{ ...client, chosenBy: 'DOCKER_CONTEXT', host: null }, 'problem', /no context to talk to \(DOCKER_CONTEXT: x\)/],
]);

table('configuration', checkConfiguration, [
  [{ problems: [] }, 'ok', /valid/],
  [{ problems: ['a: unknown key', 'b: not JSON'] }, 'problem', /a: unknown key; b: not JSON.*correct/],
]);

const engine = { socket: '/s', server: null, dockerHost: 'unix:///h/docker.sock' };
table('other engine', checkOtherEngine, [
  [{ ...engine, state: 'absent' }, 'ok', /no other engine at \/s/],
  [{ ...engine, state: 'ours' }, 'ok', /leads to this engine/],
  [{ ...engine, state: 'silent' }, 'warning', /nobody answers.*DOCKER_HOST=unix/],
  [{ ...engine, state: 'answers', server: 'Docker/28' }, 'warning', /another engine \(Docker\/28\) serves \/s/],
  [{ ...engine, state: 'answers', server: '' }, 'warning', /another engine serves \/s/],
]);

table('forwarding', checkForwarding, [
  [{ matters: false, droppingChains: null }, 'skipped', /VM/],
  [{ matters: true, droppingChains: null }, 'skipped', /could not be read/],
  [{ matters: true, droppingChains: [] }, 'ok', /let through/],
  [
    { matters: true, droppingChains: ['ip filter FORWARD'] },
    'warning',
    /nft chain ip filter FORWARD '\{ policy accept; \}'/,
  ],
]);
