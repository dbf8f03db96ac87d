import { expect, test } from 'vitest';
import { readCgroupV1 } from './cgroup-v1.ts';
import { readCgroupV2 } from './cgroup-v2.ts';
import { parseNetDev, parseSystemCpu } from './proc-files.ts';
import { statsLine } from './stats-view.ts';

const reader = (files: Record<string, string>) => (file: string) => files[file] ?? '';
const machine = 8n * 1024n ** 3n;

test('cgroup v1: ticks become nanoseconds, an absurd limit the machine, and the throttling layer stands in for CFQ', () => {
  const stats = readCgroupV1(
    reader({
      'pids/pids.current': '3\n',
      'pids/pids.max': 'max\n',
      'cpuacct/cpuacct.usage': '123456789\n',
      'cpuacct/cpuacct.usage_percpu': '100000000 23456789 \n',
      'cpuacct/cpuacct.stat': 'user 7\nsystem 2\n',
      'cpu/cpu.stat': 'nr_periods 4\nnr_throttled 1\nthrottled_time 99\n',
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
      'memory/memory.usage_in_bytes': '4096\n',
      'memory/memory.stat': 'cache 12\nswap 5\nhierarchical_memory_limit 9223372036854771712\n',
      'blkio/blkio.throttle.io_service_bytes': '8:0 Read 10\n8:0 Total 10\nTotal 10\n',
    }),
    machine,
  );
  expect(stats.pids).toEqual({ current: 3n });
  expect(stats.cpu.cpu_usage).toEqual({
    total_usage: 123456789n,
    percpu_usage: [100000000n, 23456789n],
    usage_in_kernelmode: 20_000_000n,
    usage_in_usermode: 70_000_000n,
  });
  expect(stats.cpu.throttling_data).toEqual({ periods: 4n, throttled_periods: 1n, throttled_time: 99n });
  expect(stats.memory).toMatchObject({ usage: 4096n, limit: machine, failcnt: undefined });
  expect(stats.memory.stats).toMatchObject({ cache: 12n, rss: 0n, hierarchical_memory_limit: 2n ** 63n - 4096n });
  expect(stats.memory.stats).not.toHaveProperty('swap');
  expect(stats.blkio.io_service_bytes_recursive).toEqual([
    { major: 8n, minor: 0n, op: 'Read', value: 10n },
    { major: 8n, minor: 0n, op: 'Total', value: 10n },
  ]);
  expect(stats.blkio.io_time_recursive).toEqual([]);
});

test('cgroup v2: microseconds become nanoseconds, no pids limit is the largest number', () => {
  const stats = readCgroupV2(
    reader({
      'pids.current': '1\n',
      'pids.max': 'max\n',
      'cpu.stat': 'usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 0\nthrottled_usec 7\n',
      'memory.max': '1048576\n',
      'memory.current': '1000\n',
      'memory.stat': 'anon 10\nfile 20\nzswap 1\n',
      'memory.events': 'low 0\noom 2\noom_kill 2\n',
      'io.stat': '254:0 rbytes=1024 wbytes=2048 rios=1 wios=2 dbytes=0 dios=0\n',
    }),
    machine,
  );
  expect(stats.pids.limit).toBe(18446744073709551615n);
  expect(stats.cpu.cpu_usage).toEqual({ total_usage: 5000n, usage_in_kernelmode: 2000n, usage_in_usermode: 3000n });
  expect(stats.cpu.throttling_data.throttled_time).toBe(7000n);
  expect(stats.memory).toMatchObject({ usage: 1000n, limit: 1048576n, failcnt: 2n });
  expect(Object.keys(stats.memory.stats ?? {})).toHaveLength(31);
  expect(stats.blkio.io_service_bytes_recursive?.map(({ op, value }) => [op, value])).toEqual([
    ['read', 1024n],
    ['write', 2048n],
  ]);
  expect(stats.blkio.io_serviced_recursive).toBeNull();
});

test('/proc/stat counts the first seven columns and the processors', () => {
  const text = 'cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1\ncpu1 0 1 2 3 4 5 6\nintr 1\n';
  expect(parseSystemCpu(text)).toEqual({ usageNs: 280_000_000n, onlineCpus: 2 });
});

test('/proc/net/dev: the loopback is left out', () => {
  const text =
    'Inter-|\n face |\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 486 5 1 2 0 0 0 0 84 3 4 6 0 0 0 0\n';
  expect(parseNetDev(text)).toEqual({
    eth0: {
      ...{ rx_bytes: 486n, rx_packets: 5n, rx_errors: 1n, rx_dropped: 2n },
      ...{ tx_bytes: 84n, tx_packets: 3n, tx_errors: 4n, tx_dropped: 6n },
    },
  });
});

test('a container that does not run has the skeleton that dockerd sends', () => {
  expect(statsLine({ name: 'x', id: 'y' }, null, null)).toBe(
    '{"name":"/x","id":"y","read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},"blkio_stats":{"io_service_bytes_recursive":null,"io_serviced_recursive":null,"io_queue_recursive":null,"io_service_time_recursive":null,"io_wait_time_recursive":null,"io_merged_recursive":null,"io_time_recursive":null,"sectors_recursive":null},"num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"precpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"memory_stats":{}}\n',
  );
});

test('numbers beyond a double are written digit by digit', () => {
  const stats = readCgroupV2(reader({ 'pids.current': '1', 'pids.max': 'max' }), machine);
  expect(statsLine(null, { ...stats, atNs: 1n, networks: {} }, null)).toContain('"limit":18446744073709551615}');
});
