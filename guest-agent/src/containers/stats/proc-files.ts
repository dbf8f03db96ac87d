import type { NetworkStats } from './stats.ts';

const tickNs = 10_000_000n;
/** user nice system idle iowait irq softirq; steal and guest are not counted by Docker. */
const countedColumns = 7;

/** /proc/stat → nanoseconds of all processors together, and how many there are. */
export function parseSystemCpu(text: string): { usageNs: bigint; onlineCpus: number } {
  const lines = text.split('\n');
  const columns = (lines.find((line) => line.startsWith('cpu ')) ?? '').split(/\s+/).slice(1, 1 + countedColumns);
  const ticks = columns.reduce((sum, column) => sum + BigInt(column), 0n);
  return { usageNs: ticks * tickNs, onlineCpus: lines.filter((line) => /^cpu\d/.test(line)).length };
}

/** /proc/PID/net/dev → counters of the interfaces that the engine made (eth0, eth1, …). */
export function parseNetDev(text: string): Record<string, NetworkStats> {
  const interfaces: Record<string, NetworkStats> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(eth\d+):\s*(.*)$/.exec(line);
    if (!match?.[1] || match[2] === undefined) continue;
    const counters = match[2].trim().split(/\s+/).map(BigInt);
    const at = (column: number) => counters[column] ?? 0n;
    interfaces[match[1]] = {
      ...{ rx_bytes: at(0), rx_packets: at(1), rx_errors: at(2), rx_dropped: at(3) },
      ...{ tx_bytes: at(8), tx_packets: at(9), tx_errors: at(10), tx_dropped: at(11) },
    };
  }
  return interfaces;
}
