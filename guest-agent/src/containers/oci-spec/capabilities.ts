import { InvalidParameterError } from '../../api/index.ts';

const names = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
];

/** Every capability, in the kernel's order (linux/capability.h). */
export const allCapabilities: readonly string[] = names.map((name) => `CAP_${name}`);

/** What a container gets unless asked otherwise, in Docker's order. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/** The capabilities in a mask as /proc/PID/status has it (proc_pid_status(5), CapBnd): hexadecimal. */
export function capabilitiesIn(mask: string): string[] {
  const bits = BigInt(`0x${mask}`);
  return allCapabilities.filter((_name, bit) => (bits >> BigInt(bit)) & 1n);
}

const all = 'ALL';

/** 'net_admin' → 'CAP_NET_ADMIN'; 'ALL' stays. Throws on a name the kernel does not have. */
export function normaliseCapability(name: string): string {
  const upper = name.toUpperCase();
  if (upper === all) return all;
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!allCapabilities.includes(full)) throw new InvalidParameterError(`unknown capability: "${full}"`);
  return full;
}

/** --privileged, --cap-add and --cap-drop; drop wins over add, except that a named add survives --cap-drop=ALL. */
export function effectiveCapabilities(request: {
  /** What the agent itself may give. */
  available: readonly string[];
  privileged: boolean;
  add: readonly string[] | null;
  drop: readonly string[] | null;
}): string[] {
  const add = (request.add ?? []).map(normaliseCapability);
  const drop = (request.drop ?? []).map(normaliseCapability);
  const { available } = request;
  if (request.privileged) return [...available];
  if (add.length === 0 && drop.length === 0) return [...defaultCapabilities];
  if (add.includes(all)) return available.filter((name) => !drop.includes(name));
  if (drop.includes(all)) return [...new Set(add)];
  const kept = defaultCapabilities.filter((name) => !drop.includes(name));
  return [...kept, ...add.filter((name) => !kept.includes(name))];
}
