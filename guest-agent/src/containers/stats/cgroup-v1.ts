import { keyedNumbers, singleNumber, unlessZero } from './cgroup-text.ts';
import { noBlkio, type BlkioEntry, type BlkioStats, type CgroupStats, type CpuStats, type ReadText } from './stats.ts';

const tickNs = 10_000_000n;

const memoryKeys = [
  'active_anon', 'active_file', 'cache', 'dirty', 'hierarchical_memory_limit', 'hierarchical_memsw_limit',
  'inactive_anon', 'inactive_file', 'mapped_file', 'pgfault', 'pgmajfault', 'pgpgin', 'pgpgout', 'rss', 'rss_huge',
  'total_active_anon', 'total_active_file', 'total_cache', 'total_dirty', 'total_inactive_anon',
  'total_inactive_file', 'total_mapped_file', 'total_pgfault', 'total_pgmajfault', 'total_pgpgin', 'total_pgpgout',
  'total_rss', 'total_rss_huge', 'total_unevictable', 'total_writeback', 'unevictable', 'writeback',
] as const; // prettier-ignore

/** Counters of a cgroup v1; `read` takes 'controller/file' of the container's cgroups. */
export function readCgroupV1(read: ReadText, machineMemoryBytes: bigint): CgroupStats {
  const memory = keyedNumbers(read('memory/memory.stat'));
  const limit = singleNumber(read('memory/memory.limit_in_bytes'));
  return {
    pids: {
      current: unlessZero(singleNumber(read('pids/pids.current'))),
      limit: unlessZero(singleNumber(read('pids/pids.max'))),
    },
    blkio: blkio(read),
    cpu: cpu(read),
    memory: {
      usage: unlessZero(singleNumber(read('memory/memory.usage_in_bytes'))),
      max_usage: unlessZero(singleNumber(read('memory/memory.max_usage_in_bytes'))),
      stats: Object.fromEntries(memoryKeys.map((key) => [key, memory(key)])),
      failcnt: unlessZero(singleNumber(read('memory/memory.failcnt'))),
      limit: unlessZero(limit > machineMemoryBytes ? machineMemoryBytes : limit),
    },
  };
}

function cpu(read: ReadText): CpuStats {
  const ticks = keyedNumbers(read('cpuacct/cpuacct.stat'));
  const throttled = keyedNumbers(read('cpu/cpu.stat'));
  const each = read('cpuacct/cpuacct.usage_percpu').trim();
  return {
    cpu_usage: {
      total_usage: singleNumber(read('cpuacct/cpuacct.usage')),
      ...(each !== '' && { percpu_usage: each.split(/\s+/).map(BigInt) }),
      usage_in_kernelmode: ticks('system') * tickNs,
      usage_in_usermode: ticks('user') * tickNs,
    },
    throttling_data: {
      periods: throttled('nr_periods'),
      throttled_periods: throttled('nr_throttled'),
      throttled_time: throttled('throttled_time'),
    },
  };
}

/** The I/O scheduler's counters where it keeps any, else those of the throttling layer. */
function blkio(read: ReadText): BlkioStats {
  const scheduler: BlkioStats = {
    io_service_bytes_recursive: entries(read('blkio/blkio.io_service_bytes_recursive')),
    io_serviced_recursive: entries(read('blkio/blkio.io_serviced_recursive')),
    io_queue_recursive: entries(read('blkio/blkio.io_queued_recursive')),
    io_service_time_recursive: entries(read('blkio/blkio.io_service_time_recursive')),
    io_wait_time_recursive: entries(read('blkio/blkio.io_wait_time_recursive')),
    io_merged_recursive: entries(read('blkio/blkio.io_merged_recursive')),
    io_time_recursive: entries(read('blkio/blkio.time_recursive')),
    sectors_recursive: entries(read('blkio/blkio.sectors_recursive')),
  };
  if (Object.values(scheduler).some((list: BlkioEntry[]) => list.length > 0)) return scheduler;
  const none = Object.fromEntries(Object.keys(noBlkio).map((key) => [key, []])) as unknown as BlkioStats;
  return {
    ...none,
    io_service_bytes_recursive: entries(read('blkio/blkio.throttle.io_service_bytes')),
    io_serviced_recursive: entries(read('blkio/blkio.throttle.io_serviced')),
  };
}

/** '8:0 Read 4096', or '8:0 12' where there is but one kind; the sum over all devices is left out. */
function entries(text: string): BlkioEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):(\d+) (?:(\w+) )?(\d+)$/.exec(line.trim());
    if (!match) return [];
    const [, major = '0', minor = '0', op = '', value = '0'] = match;
    return [{ major: BigInt(major), minor: BigInt(minor), op, value: BigInt(value) }];
  });
}
