import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { commandLines } from './processes.ts';

/** Everything on this machine that a berth (linux driver) holds because of its containers; names, sorted. */
export interface Holdings {
  tasks: string[];
  records: string[];
  snapshots: string[];
  leases: string[];
  mounts: string[];
  namespaces: string[];
  interfaces: string[];
  shims: string[];
  folders: string[];
  cgroups: string[];
  volumes: string[];
}

/** `home`: the berth's; containers of other engines on this machine are left out. */
export async function holdings(home: string): Promise<Holdings> {
  const machine = path.join(home, 'machine');
  const address = path.join(machine, 'run/containerd.sock');
  const ctr = async (...args: string[]) => {
    const { stdout } = await execa('ctr', ['-a', address, '-n', 'moby', ...args], { timeout: 20_000 });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const [tasks, records, snapshots, leases] = await Promise.all([
    ctr('tasks', 'ls', '-q'),
    ctr('containers', 'ls', '-q'),
    ctr('snapshots', 'ls'),
    ctr('leases', 'ls', '-q'),
  ]);
  const folders = list(path.join(machine, 'engine/containers'));
  const shims = commandLines().filter(({ line }) => line.includes('containerd-shim') && line.includes(machine));
  return {
    ...{ tasks: tasks.sort(), records: records.sort(), leases: leases.sort(), folders },
    snapshots: snapshots.map((line) => line.split(/\s/)[0]!).filter((key) => /^[0-9a-f]{64}$/.test(key)),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((target) => target.startsWith(`${machine}/`))
      .sort(),
    namespaces: list(path.join(machine, 'run/netns')),
    interfaces: list(`/sys/class/net/${bridgeOf(machine)}/brif`),
    shims: shims.map(({ line }) => /-id (\w+)/.exec(line)?.[1] ?? line).sort(),
    cgroups: ownCgroups(machine),
    volumes: list(path.join(machine, 'engine/volumes')).filter((name) => /^[0-9a-f]{64}$/.test(name)),
  };
}

/** What is held now and was not before; empty when nothing was left. */
export function leftBehind(before: Holdings, now: Holdings): string[] {
  const kinds = Object.keys(before) as (keyof Holdings)[];
  return kinds.flatMap((kind) =>
    now[kind].filter((name) => !before[kind].includes(name)).map((name) => `${kind}: ${name}`),
  );
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function bridgeOf(machine: string): string {
  const config = JSON.parse(readFileSync(path.join(machine, 'agent.json'), 'utf8')) as { bridgeName: string };
  return config.bridgeName;
}

/** cgroups are the machine's; ours are those that containers of this berth have ever had. */
function ownCgroups(machine: string): string[] {
  const known = readFileSync(path.join(machine, 'containerd.log'), 'utf8');
  const parents = ['/sys/fs/cgroup/memory/docker', '/sys/fs/cgroup/pids/docker', '/sys/fs/cgroup/docker'];
  const ids = new Set(parents.flatMap(list).filter((name) => /^[0-9a-f]{64}$/.test(name)));
  return [...ids].filter((id) => known.includes(id)).sort();
}
