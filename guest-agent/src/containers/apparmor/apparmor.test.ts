import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { appliedProfile } from './apparmor.ts';
import { defaultProfile } from './default-profile.ts';

const bare = { engineProfile: 'unconfined', hasTunables: false, hasAbstractions: false };

test.each([
  [null, false, 'docker-default'],
  ['', false, 'docker-default'],
  ['mine', false, 'mine'],
  ['unconfined', false, 'unconfined'],
  [null, true, 'unconfined'],
  ['mine', true, 'unconfined'],
])('asked for %j, privileged %j: %s', (asked, privileged, profile) => {
  expect(appliedProfile(asked, privileged)).toBe(profile);
});

test('what the machine has is included, what it has not is said', () => {
  expect(defaultProfile(bare)).toMatch(/^@\{PROC\}=\/proc\/\nprofile docker-default flags=/);
  expect(defaultProfile(bare)).not.toContain('#include');
  const full = defaultProfile({ engineProfile: 'engine', hasTunables: true, hasAbstractions: true });
  expect(full).toMatch(/^#include <tunables\/global>\nprofile .*\n {2}#include <abstractions\/base>\n/);
  expect(full).toContain('signal (receive) peer=engine,');
});

test('it denies what dockerd’s denies, and says nothing twice', () => {
  const rules = defaultProfile(bare).split('\n');
  expect(rules.filter((rule) => rule.startsWith('  deny '))).toHaveLength(15);
  for (const rule of [
    'deny @{PROC}/* w,',
    'deny @{PROC}/sys/[^k]** w,',
    'deny @{PROC}/kcore rwklx,',
    'deny mount,',
    'deny /sys/fs/cg[^r]*/** wklx,',
    'deny /sys/firmware/** rwklx,',
    'signal (receive) peer=runc,',
    'signal (send,receive) peer=docker-default,',
  ]) {
    expect(rules).toContain(`  ${rule}`);
  }
  expect(new Set(rules).size).toBe(rules.length);
});

const parser = ['/sbin/apparmor_parser', '/usr/sbin/apparmor_parser'].find(existsSync);
const note = parser ? '' : ' (skipped: there is no apparmor_parser)';

test.skipIf(!parser)(`apparmor_parser understands it${note}`, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'apparmor-'));
  try {
    const file = path.join(folder, 'profile');
    await writeFile(file, defaultProfile(bare));
    const { stderr } = await promisify(execFile)(parser as string, ['-Q', '-K', file]);
    expect(stderr).not.toMatch(/error/i);
  } finally {
    await rm(folder, { recursive: true });
  }
});
