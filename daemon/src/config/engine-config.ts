import { engineConfigKeys } from '@berth/guest-agent/api';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';

const text = z.string({ error: 'a string' });
const flag = z.boolean({ error: 'true or false' });
const count = z.number({ error: 'a number' }).int('a whole number');
const texts = z.array(text, { error: 'a list of strings' });
const named = z.record(z.string(), text, { error: 'an object of strings' });
const flags = z.record(z.string(), flag, { error: 'an object of true or false' });
const object = z.record(z.string(), z.unknown(), { error: 'an object' });
const pool = z.strictObject({ base: text, size: count }, { error: '{"base": CIDR, "size": bits}' });

/** dockerd's daemon.json, the keys that a machine of our own can mean something by (dockerd's reference page). */
const keys = {
  'allow-nondistributable-artifacts': texts,
  'authorization-plugins': texts,
  bip: text,
  bip6: text,
  bridge: text,
  builder: object,
  'cdi-spec-dirs': texts,
  'cgroup-parent': text,
  'cpu-rt-period': count,
  'cpu-rt-runtime': count,
  debug: flag,
  'default-address-pools': z.array(pool, { error: 'a list of {"base", "size"}' }),
  'default-cgroupns-mode': text,
  'default-gateway': text,
  'default-gateway-v6': text,
  'default-ipc-mode': text,
  'default-network-opts': z.record(z.string(), named, { error: 'an object of objects of strings' }),
  'default-runtime': text,
  'default-shm-size': z.union([text, count], { error: 'a size' }),
  'default-ulimits': object,
  dns: texts,
  'dns-opts': texts,
  'dns-search': texts,
  'exec-opts': texts,
  experimental: flag,
  features: flags,
  'firewall-backend': text,
  'fixed-cidr': text,
  'fixed-cidr-v6': text,
  'host-gateway-ip': text,
  'host-gateway-ips': texts,
  icc: flag,
  init: flag,
  'init-path': text,
  'insecure-registries': texts,
  ip: text,
  'ip-forward': flag,
  'ip-forward-no-drop': flag,
  'ip-masq': flag,
  ip6tables: flag,
  iptables: flag,
  ipv6: flag,
  labels: texts,
  'live-restore': flag,
  'log-driver': text,
  'log-format': text,
  'log-level': text,
  'log-opts': named,
  'max-concurrent-downloads': count,
  'max-concurrent-uploads': count,
  'max-download-attempts': count,
  'metrics-addr': text,
  mtu: count,
  'no-new-privileges': flag,
  'node-generic-resources': texts,
  'oom-score-adjust': count,
  proxies: z.record(z.string(), text, { error: 'an object of strings' }),
  'raw-logs': flag,
  'registry-mirrors': texts,
  runtimes: object,
  'seccomp-profile': text,
  'selinux-enabled': flag,
  'shutdown-timeout': count,
  'storage-driver': text,
  'storage-opts': texts,
  'swarm-default-advertise-addr': text,
  'userland-proxy': flag,
  'userns-remap': text,
};

/** dockerd keys for what the machine decides: they would fight with it. */
const ownedByMachine = [
  'containerd',
  'containerd-namespace',
  'containerd-plugin-namespace',
  'data-root',
  'exec-root',
  'group',
  'hosts',
  'pidfile',
  'tls',
  'tlscacert',
  'tlscert',
  'tlskey',
  'tlsverify',
  'userland-proxy-path',
];

const unbuilt = z.undefined({ error: 'no such key, since berth does not have this yet' });
const refused = z.undefined({ error: 'no such key, since the machine sets this itself' });

const optional = (types: Record<string, z.ZodType>) =>
  Object.fromEntries(Object.entries(types).map(([key, type]) => [key, type.optional()]));
const built = Object.fromEntries(
  Object.entries(keys).map(([key, type]) => [key, engineConfigKeys.includes(key) ? type : unbuilt]),
);
export const engineConfigSchema = z.strictObject(
  { ...optional(built), ...optional(Object.fromEntries(ownedByMachine.map((key) => [key, refused]))) },
  { error: 'an object' },
);

/** The engine's configuration, checked for its keys and their types; what the values mean is the engine's to judge. */
export async function readEngineConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  return readJsonFile<Record<string, unknown>>(file, engineConfigSchema);
}
