import { LogPane } from '../log/log-pane.tsx';
import { Toolbar } from '../parts/toolbar.tsx';

/** What the daemon, the machine and the agent say. */
export function LogView() {
  return (
    <>
      <Toolbar title="Log" note="daemon, machine and agent" />
      <LogPane source={{ own: true }} />
    </>
  );
}
