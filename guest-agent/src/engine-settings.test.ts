import { expect, test } from 'vitest';
import { engineSettings } from './engine-settings.ts';

const host = { hostname: 'h', hasProgram: () => false, scriptsDir: '/nonexistent/runtimes' };

test('without daemon.json it is Docker’s defaults', () => {
  expect(engineSettings({}, host)).toMatchObject({
    ...{ defaultRuntime: 'runc', defaultIpcMode: 'private', defaultCgroupnsMode: null, defaultUlimits: [] },
    ...{ init: false, noNewPrivileges: false, cgroupParent: '/docker', seccompProfile: 'builtin' },
    cdiSpecDirs: ['/etc/cdi', '/var/run/cdi'],
  });
});

test('what it says is what containers get', () => {
  const settings = engineSettings(
    {
      'default-ulimits': { nofile: { Name: 'nofile', Hard: 200, Soft: 100 } },
      'cdi-spec-dirs': ['/cdi'],
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      'default-ipc-mode': 'shareable',
      features: { 'containerd-snapshotter': true },
      'live-restore': true,
    },
    host,
  );
  expect(settings).toMatchObject({
    defaultUlimits: [{ Name: 'nofile', Hard: 200, Soft: 100 }],
    cdiSpecDirs: ['/cdi'],
    defaultIpcMode: 'shareable',
  });
});

test.each([[{ features: { cdi: false } }], [{ 'cdi-spec-dirs': [''] }]])('%j switches CDI off', (json) => {
  expect(engineSettings(json, host).cdiSpecDirs).toBeNull();
});

test.each([
  [{ 'selinux-enabled': true }, 'selinux-enabled'],
  [{ 'live-restore': false }, 'live-restore'],
  [{ 'exec-opts': ['native.cgroupdriver=systemd'] }, 'native.cgroupdriver option systemd not supported'],
  [{ experimental: true }, 'experimental'],
  [{ 'ip-forward-no-drop': false }, 'ip-forward-no-drop'],
  [{ 'firewall-backend': 'iptables' }, 'firewall-backend: expected nftables, got "iptables"'],
  [{ 'storage-driver': 'btrfs' }, 'storage-driver: expected overlayfs or overlay2, got "btrfs"'],
  [{ 'log-level': 'loud' }, 'log-level: expected panic or fatal or error'],
  [{ icc: false, iptables: false }, 'iptables: "icc": false needs it'],
  [{ icc: false, ipv6: true, ip6tables: false }, 'ip6tables: "icc": false needs it'],
  [
    { 'host-gateway-ips': ['192.0.2.1', '192.0.2.2'] },
    'host-gateway-ips: expected at most one IPv4 and one IPv6 address',
  ],
  [{ 'host-gateway-ip': '192.0.2.1', 'host-gateway-ips': ['fd00::1'] }, 'expected one of them, got both'],
  [{ bip: 'x' }, 'bip: expected an IPv4 network in CIDR notation, got x'],
  [{ 'exec-opts': ['x=y'] }, 'exec-opts: unknown option "x=y"'],
  [{ features: { buildkit: false } }, 'features: buildkit cannot be switched off'],
  [{ features: { nope: true } }, 'features: unknown feature nope'],
  [{ 'default-cgroupns-mode': 'x' }, 'default-cgroupns-mode: expected host or private, got "x"'],
  [{ 'default-runtime': 'nope' }, "specified default runtime 'nope' does not exist"],
  [
    { 'default-ulimits': { nofile: { Hard: 1, Soft: 2 } } },
    'ulimit soft limit must be less than or equal to hard limit',
  ],
])('%j is refused: %s', (json, message) => expect(() => engineSettings(json, host)).toThrow(message));
