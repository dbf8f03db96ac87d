import { startBerth } from '../helpers/berth.ts';
import { median } from './statistics.ts';

interface Status {
  accelerator: string | null;
  timings: Array<{ phase: string; atMs: number }>;
}

/** `berth up --driver qemu` from stopped to the engine answering, with a fresh data disk each time. */
export async function benchBoot({ runs }: { runs: number }): Promise<void> {
  const starts: Status[] = [];
  for (let run = 0; run < runs; run++) {
    await using berth = await startBerth('qemu', { loadSample: false });
    starts.push(JSON.parse((await berth.berth('status', '--json')).stdout) as Status);
  }
  const phases = starts[0]?.timings.map(({ phase }) => phase) ?? [];
  console.log(`accelerator ${starts[0]?.accelerator}, median of ${runs} starts`);
  for (const phase of phases) {
    const at = starts.map(({ timings }) => timings.find((timing) => timing.phase === phase)?.atMs ?? Number.NaN);
    console.log(`${(median(at) / 1000).toFixed(2)} s  ${phase}`);
  }
}
