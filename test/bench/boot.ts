import type { MachineStatus } from '@berth/daemon/api';
import { startBerth } from '../helpers/berth.ts';
import { median } from './statistics.ts';

type Status = Pick<MachineStatus, 'accelerator' | 'lastStart'>;
const phasesOf = ({ lastStart }: Status) => lastStart?.phases ?? [];

/** `berth up --driver qemu` from stopped to the engine answering, with a fresh data disk each time. */
export async function benchBoot({ runs }: { runs: number }): Promise<void> {
  const starts: Status[] = [];
  for (let run = 0; run < runs; run++) {
    await using berth = await startBerth('qemu', { loadSample: false });
    starts.push(JSON.parse((await berth.berth('status', '--json')).stdout) as Status);
  }
  const phases = phasesOf(starts[0] as Status).map(({ phase }) => phase);
  console.log(`accelerator ${starts[0]?.accelerator}, median of ${runs} starts`);
  for (const phase of phases) {
    const at = starts.map((start) => phasesOf(start).find((timing) => timing.phase === phase)?.atMs ?? Number.NaN);
    console.log(`${(median(at) / 1000).toFixed(2)} s  ${phase}`);
  }
}
