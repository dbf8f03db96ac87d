import { keyedNumbers, singleNumber, unlessZero } from './cgroup-text.ts';
import { noBlkio, type BlkioEntry, type CgroupStats, type ReadText } from './stats.ts';

/** How Docker shows a limit of "max". */
const unlimited = 2n ** 64n - 1n;

const memoryKeys = [
  'active_anon', 'active_file', 'anon', 'anon_thp', 'file', 'file_dirty', 'file_mapped', 'file_writeback',
  'inactive_anon', 'inactive_file', 'kernel_stack', 'pgactivate', 'pgdeactivate', 'pgfault', 'pglazyfree',
  'pglazyfreed', 'pgmajfault', 'pgrefill', 'pgscan', 'pgsteal', 'shmem', 'slab', 'slab_reclaimable',
  'slab_unreclaimable', 'sock', 'thp_collapse_alloc', 'thp_fault_alloc', 'unevictable', 'workingset_activate',
  'workingset_nodereclaim', 'workingset_refault',
] as const; // prettier-ignore

/** Counters of a cgroup v2; `read` takes a file of the container's cgroup. */
export function readCgroupV2(read: ReadText, machineMemoryBytes: bigint): CgroupStats {
  const limit = singleNumber(read('memory.max'), unlimited);
  const memory = keyedNumbers(read('memory.stat'));
  return {
    pids: {
      current: unlessZero(singleNumber(read('pids.current'))),
      limit: unlessZero(singleNumber(read('pids.max'), unlimited)),
    },
    blkio: { ...noBlkio, io_service_bytes_recursive: ioEntries(read('io.stat')) },
    cpu: cpu(read),
    memory: {
      usage: unlessZero(singleNumber(read('memory.current'))),
      stats: Object.fromEntries(memoryKeys.map((key) => [key, memory(key)])),
      failcnt: unlessZero(keyedNumbers(read('memory.events'))('oom')),
      limit: unlessZero(limit > machineMemoryBytes ? machineMemoryBytes : limit),
    },
  };
}

function cpu(read: ReadText): CgroupStats['cpu'] {
  const stat = keyedNumbers(read('cpu.stat'));
  const nanoseconds = (name: string) => stat(name) * 1000n;
  return {
    cpu_usage: {
      total_usage: nanoseconds('usage_usec'),
      usage_in_kernelmode: nanoseconds('system_usec'),
      usage_in_usermode: nanoseconds('user_usec'),
    },
    throttling_data: {
      periods: stat('nr_periods'),
      throttled_periods: stat('nr_throttled'),
      throttled_time: nanoseconds('throttled_usec'),
    },
  };
}

/** '8:0 rbytes=4096 wbytes=0 …'; null without a device, as Docker has it. */
function ioEntries(text: string): BlkioEntry[] | null {
  const entries = text.split('\n').flatMap((line) => {
    const device = /^(\d+):(\d+) /.exec(line);
    if (!device?.[1] || !device[2]) return [];
    const [major, minor] = [BigInt(device[1]), BigInt(device[2])];
    const count = (key: string) => BigInt(new RegExp(` ${key}=(\\d+)`).exec(line)?.[1] ?? 0);
    return [
      { major, minor, op: 'read', value: count('rbytes') },
      { major, minor, op: 'write', value: count('wbytes') },
    ];
  });
  return entries.length === 0 ? null : entries;
}
