/** Docker's name for what confines a container that says nothing else. */
export const defaultProfileName = 'docker-default';

export interface ProfileHost {
  /** Who the engine is to AppArmor; 'unconfined' where nothing confines it. */
  engineProfile: string;
  /** /etc/apparmor.d has tunables/global and abstractions/base (apparmor.d(5)). */
  hasTunables: boolean;
  hasAbstractions: boolean;
}

const signalsFrom = ['unconfined', 'runc', 'crun'];

/** Places below /proc that may not be written; by pattern, as AppArmor has no exceptions. */
const procRules = [
  // Files directly in it.
  '/* w',
  // Everything but /proc/PID and /proc/sys.
  '/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w',
  // Of /proc/sys, everything but kernel/shm*.
  '/sys/[^k]** w',
  '/sys/kernel/{?,??,[^s][^h][^m]**} w',
  '/sysrq-trigger rwklx',
  '/kcore rwklx',
];

/** Below /sys everything but fs/cgroup, and more than writing for what tells of the machine. */
const sysRules = [
  ...['[^f]*', 'f[^s]*', 'fs/[^c]*', 'fs/c[^g]*', 'fs/cg[^r]*'].map((name) => `/sys/${name}/** wklx`),
  ...['firmware', 'devices/virtual/powercap', 'kernel/security'].map((name) => `/sys/${name}/** rwklx`),
];

/** The profile's text (apparmor.d(5)), with the rules that dockerd's has. */
export function defaultProfile({ engineProfile, hasTunables, hasAbstractions }: ProfileHost): string {
  const rules = [
    ...(hasAbstractions ? ['#include <abstractions/base>'] : []),
    ...['network', 'capability', 'file', 'umount'].map((rule) => `${rule},`),
    ...[...new Set([...signalsFrom, engineProfile])].map((peer) => `signal (receive) peer=${peer},`),
    `signal (send,receive) peer=${defaultProfileName},`,
    ...procRules.map((rule) => `deny @{PROC}${rule},`),
    'deny mount,',
    ...sysRules.map((rule) => `deny ${rule},`),
    // For ps inside of it.
    `ptrace (trace,read,tracedby,readby) peer=${defaultProfileName},`,
  ];
  return [
    hasTunables ? '#include <tunables/global>' : '@{PROC}=/proc/',
    `profile ${defaultProfileName} flags=(attach_disconnected,mediate_deleted) {`,
    ...rules.map((rule) => `  ${rule}`),
    '}',
    '',
  ].join('\n');
}
