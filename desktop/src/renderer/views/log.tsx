import { LogPane } from '../log/log-pane.tsx';
import { Toolbar } from '../parts/toolbar.tsx';
import { reconnections } from '../state/live.ts';

/** What the daemon, the machine and the agent say. */
export function LogView() {
  return (
    <>
      <Toolbar title="Log" note="daemon, machine and agent" />
      <LogPane key={reconnections.value} source={{ own: true }} />
    </>
  );
}
