import { describe, expect, test } from 'vitest';
import { allCapabilities, capabilitiesIn, defaultCapabilities, effectiveCapabilities } from './capabilities.ts';
import { deviceNumbers } from './device-numbers.ts';
import { containerEnvironment } from './environment.ts';
import { parseProfile, resolveProfile } from './seccomp.ts';
import { securityOptions } from './security-options.ts';
import { resolveUser } from './user.ts';

describe('capabilities', () => {
  const effective = (add: string[], drop: string[], privileged = false) =>
    effectiveCapabilities({ available: allCapabilities, privileged, add, drop });

  test('the default set, more, fewer', () => {
    expect(effective([], [])).toEqual(defaultCapabilities);
    expect(effective(['net_admin'], ['CAP_MKNOD'])).toEqual([
      ...defaultCapabilities.filter((name) => name !== 'CAP_MKNOD'),
      'CAP_NET_ADMIN',
    ]);
  });
  test('ALL', () => {
    expect(effective(['ALL'], ['SYS_ADMIN'])).toEqual(allCapabilities.filter((name) => name !== 'CAP_SYS_ADMIN'));
    expect(effective(['CHOWN'], ['ALL'])).toEqual(['CAP_CHOWN']);
  });
  test('nobody gives what he has not', () => {
    expect(effectiveCapabilities({ available: ['CAP_CHOWN'], privileged: true, add: null, drop: null })).toEqual([
      'CAP_CHOWN',
    ]);
    expect(capabilitiesIn('0000000000000003')).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
  });
  test('an unknown one is named', () => {
    expect(() => effective(['nope'], [])).toThrow('unknown capability: "CAP_NOPE"');
  });
});

describe('users', () => {
  const files = {
    passwd: 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001::/home/ann:/bin/sh\n',
    group: 'root:x:0:\nstaff:x:50:ann,bob\nann:x:1001:\nwheel:x:10:root\n',
  };
  test.each([
    ['', { uid: 0, gid: 0, additionalGids: [0, 10] }],
    ['ann', { uid: 1000, gid: 1001, additionalGids: [1001, 50] }],
    ['1000', { uid: 1000, gid: 1001, additionalGids: [1001, 50] }],
    ['ann:staff', { uid: 1000, gid: 50, additionalGids: [50] }],
    ['4242', { uid: 4242, gid: 0, additionalGids: [0] }],
    ['4242:4343', { uid: 4242, gid: 4343, additionalGids: [4343] }],
  ])('%j', (spec, expected) => {
    expect(resolveUser(spec, [], files)).toEqual(expected);
  });
  test('--group-add by name and number', () => {
    expect(resolveUser('ann:staff', ['wheel', '7'], files).additionalGids).toEqual([50, 10, 7]);
  });
  test.each([
    ['nobody', 'unable to find user nobody: no matching entries in passwd file'],
    ['ann:nogroup', 'unable to find group nogroup: no matching entries in group file'],
    ['4294967296', 'uids and gids must be in range 0-2147483647'],
  ])('%s: %s', (spec, message) => {
    expect(() => resolveUser(spec, [], files)).toThrow(message);
  });
});

test('the environment: the engine’s, overridden; a bare name takes out', () => {
  const env = containerEnvironment({ hostname: 'h', tty: true, env: ['A=1', 'PATH=/bin', 'TERM', 'A=2'] });
  expect(env).toEqual(['PATH=/bin', 'HOSTNAME=h', 'A=2']);
});

test('device numbers beyond eight bits', () => {
  expect(deviceNumbers(0x103)).toEqual({ major: 1, minor: 3 });
  expect(deviceNumbers(0x11032c)).toEqual({ major: 259, minor: 300 });
});

describe('seccomp', () => {
  const profile = parseProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
        { names: ['clone'], action: 'SCMP_ACT_ALLOW', excludes: { caps: ['CAP_SYS_ADMIN'] } },
        { names: ['arm_only'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm64'] } },
        { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
        { names: ['future'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '99.0' } },
      ],
    }),
  );
  const names = (caps: string[]) =>
    resolveProfile(profile, caps, { arch: 'amd64', kernelVersion: '6.12.1', hasX32: false })?.syscalls?.flatMap(
      (rule) => rule.names,
    );

  test('rules follow capabilities, architecture and kernel', () => {
    expect(names([])).toEqual(['read', 'clone', 'ptrace']);
    expect(names(['CAP_SYS_ADMIN'])).toEqual(['read', 'mount', 'ptrace']);
  });
  test('architectures come with their sub-architectures', () => {
    const resolved = resolveProfile(profile, [], { arch: 'amd64', kernelVersion: '6.1', hasX32: true });
    expect(resolved?.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  });
  test('what is no profile is refused', () => {
    expect(() => parseProfile('{')).toThrow('Decoding seccomp profile failed: unexpected end of JSON input');
    expect(() => parseProfile('[]')).toThrow('cannot unmarshal array into Go value of type seccomp.Seccomp');
    expect(() => parseProfile('{"architectures":["a"],"archMap":[{}]}')).toThrow("both 'architectures' and 'archMap'");
  });
});

test('security options', () => {
  expect(securityOptions(['no-new-privileges', 'seccomp=unconfined'])).toMatchObject({
    noNewPrivileges: true,
    seccomp: 'unconfined',
  });
  expect(() => securityOptions(['nope'])).toThrow('invalid --security-opt 1: "nope"');
  expect(() => securityOptions(['nope=1'])).toThrow('invalid --security-opt 2: "nope=1"');
});
