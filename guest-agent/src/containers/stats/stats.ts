/** Counters are bigints: nanoseconds and byte limits outgrow a double. undefined leaves the key out, as Go's omitempty. */
export interface CpuStats {
  cpu_usage: {
    total_usage: bigint;
    percpu_usage?: bigint[];
    usage_in_kernelmode: bigint;
    usage_in_usermode: bigint;
  };
  /** Nanoseconds that all processors of the machine have counted, idle ones included. */
  system_cpu_usage?: bigint;
  online_cpus?: number;
  throttling_data: { periods: bigint; throttled_periods: bigint; throttled_time: bigint };
}

export interface BlkioEntry {
  major: bigint;
  minor: bigint;
  op: string;
  value: bigint;
}

/** null: this cgroup version does not count it. */
export interface BlkioStats {
  io_service_bytes_recursive: BlkioEntry[] | null;
  io_serviced_recursive: BlkioEntry[] | null;
  io_queue_recursive: BlkioEntry[] | null;
  io_service_time_recursive: BlkioEntry[] | null;
  io_wait_time_recursive: BlkioEntry[] | null;
  io_merged_recursive: BlkioEntry[] | null;
  io_time_recursive: BlkioEntry[] | null;
  sectors_recursive: BlkioEntry[] | null;
}

export interface MemoryStats {
  usage?: bigint | undefined;
  max_usage?: bigint | undefined;
  stats?: Record<string, bigint>;
  failcnt?: bigint | undefined;
  /** Bytes; the machine's memory where the container has no limit of its own. */
  limit?: bigint | undefined;
}

/** What a cgroup counts. */
export interface CgroupStats {
  pids: { current?: bigint | undefined; limit?: bigint | undefined };
  blkio: BlkioStats;
  cpu: CpuStats;
  memory: MemoryStats;
}

export interface NetworkStats {
  rx_bytes: bigint;
  rx_packets: bigint;
  rx_errors: bigint;
  rx_dropped: bigint;
  tx_bytes: bigint;
  tx_packets: bigint;
  tx_errors: bigint;
  tx_dropped: bigint;
}

/** One reading of a running container. */
export interface Sample extends CgroupStats {
  /** Wall clock, nanoseconds. */
  atNs: bigint;
  /** By interface; {} for a container without a network of its own. */
  networks: Record<string, NetworkStats>;
}

/** A file's text; '' for one that is not there: controllers come and go with kernels. */
export type ReadText = (file: string) => string;

export const zeroCpu: CpuStats = {
  cpu_usage: { total_usage: 0n, usage_in_kernelmode: 0n, usage_in_usermode: 0n },
  throttling_data: { periods: 0n, throttled_periods: 0n, throttled_time: 0n },
};

export const noBlkio: BlkioStats = {
  io_service_bytes_recursive: null,
  io_serviced_recursive: null,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
};
