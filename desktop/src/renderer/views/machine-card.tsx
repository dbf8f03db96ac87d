import type { MachineStatus } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { confirm } from '../parts/confirm.tsx';
import { IconButton } from '../parts/icons.tsx';
import { disconnected, machine, phase } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { containers } from '../state/resources.ts';

const stateText: Record<MachineStatus['state'], string> = {
  stopped: 'Stopped',
  starting: 'Starting…',
  running: 'Running',
  stopping: 'Stopping…',
  failed: 'Failed',
  detached: 'Left alone',
};

/** The machine's state, and its start, stop and restart. */
export function MachineCard() {
  const status = machine.value;
  if (disconnected.value !== null) return <UnknownMachine />;
  if (!status) return <div class="machine">…</div>;
  const { state } = status;
  const idle = state === 'stopped' || state === 'failed' || state === 'detached';
  return (
    <section class="machine" aria-label="Machine">
      <div class="line">
        <span class={`dot ${status.halted === null ? state : 'halted'}`} />
        <strong>{status.halted === null ? stateText[state] : 'Stands still'}</strong>
        <span class="space" />
        {idle && <IconButton icon="play" label="Start the machine" onClick={() => void start()} />}
        {state === 'running' && (
          <IconButton icon="restart" label="Restart the machine" onClick={() => void restart()} />
        )}
        {state === 'running' && <IconButton icon="stop" label="Stop the machine" onClick={() => void stop()} />}
      </div>
      <div class="detail">{phase.value ?? status.problem ?? sizeOf(status)}</div>
      {status.warnings.map((warning) => (
        <div key={warning} class="detail warning">
          {warning}
        </div>
      ))}
    </section>
  );
}

/** Whatever it did last, nobody knows what it does now. */
function UnknownMachine() {
  return (
    <section class="machine" aria-label="Machine">
      <div class="line">
        <span class="dot" />
        <strong>No answer</strong>
      </div>
    </section>
  );
}

function sizeOf({ driver, accelerator, cpus, memoryMiB }: MachineStatus): string {
  const kind = [driver, accelerator].filter((each) => each !== null).join(', ');
  const size = `${cpus} CPUs · ${Math.round(memoryMiB / 102.4) / 10} GiB`;
  return kind === '' ? size : `${kind} · ${size}`;
}

const start = () => attempt(() => backend.call('start', {}));

async function stop(): Promise<void> {
  if (await confirmed('Stop the machine?', 'Stop')) await attempt(() => backend.call('stop', {}));
}

async function restart(): Promise<void> {
  if (await confirmed('Restart the machine?', 'Restart')) await attempt(() => backend.call('restart', {}));
}

/** By what a change is taken up at once; null: there is nothing to take it up. One that has failed may come up with it. */
export function takesUpBy(): 'restart' | 'start' | null {
  const state = machine.value?.state;
  if (state === 'running') return 'restart';
  return state === 'failed' ? 'start' : null;
}

/** How many containers that ends is what has to be known. */
export function confirmed(title: string, action: string): Promise<boolean> {
  const running = (containers.rows.value ?? []).filter(({ state }) => state === 'running').length;
  if (running === 0) return Promise.resolve(true);
  const subject = running === 1 ? 'One running container is' : `${running} running containers are`;
  return confirm({
    title,
    action,
    text: `${subject} stopped; those with a restart policy start again with the machine.`,
  });
}
