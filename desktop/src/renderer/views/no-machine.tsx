import { backend } from '../backend/choose.ts';
import { Empty } from '../parts/empty.tsx';
import type { IconName } from '../parts/icons.tsx';
import { machine, phase } from '../state/live.ts';
import { attempt } from '../state/notices.ts';

/** In place of a list while the machine does not run. */
export function NoMachine({ icon }: { icon: IconName }) {
  const state = machine.value?.state;
  if (state === 'starting')
    return (
      <Empty icon={icon} title="The machine is starting">
        {phase.value}
      </Empty>
    );
  if (state === 'stopping') return <Empty icon={icon} title="The machine is being stopped" />;
  return (
    <Empty icon={icon} title={state === 'failed' ? 'The machine has failed' : 'The machine is not running'}>
      {machine.value?.problem && <span class="problem">{machine.value.problem}</span>}
      {state === 'failed' && (
        <span>
          <a href="#problems">Look for problems</a> · <a href="#log">Read the log</a>
        </span>
      )}
      <button type="button" class="primary" onClick={() => void attempt(() => backend.call('start', {}))}>
        Start the machine
      </button>
    </Empty>
  );
}
