import { useRef, useState } from 'preact/hooks';
import type { ContainerRow } from '@berth/daemon/api';
import { portText } from '../../shared/ports.ts';
import { LogPane } from '../log/log-pane.tsx';
import { IconButton } from '../parts/icons.tsx';
import { agoText } from '../parts/units.ts';
import { reconnections } from '../state/live.ts';

const tabs = ['Logs', 'Details'] as const;

/** Below the list: what the chosen container prints and is. */
export function ContainerDetails({ row, onClose }: { row: ContainerRow; onClose: () => void }) {
  const [tab, setTab] = useState<(typeof tabs)[number]>('Logs');
  const run = useRuns(row.state === 'running' || row.state === 'paused');
  return (
    <section
      class="details"
      aria-label={`Container ${row.name}`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div class="tabs">
        <span class="subject">{row.name}</span>
        <div role="tablist">
          {tabs.map((name) => (
            <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
              {name}
            </button>
          ))}
        </div>
        <span class="space" />
        <IconButton icon="close" label="Close" onClick={onClose} />
      </div>
      {tab === 'Logs' ? (
        <LogPane key={`${run} ${reconnections.value}`} source={{ container: row.id }} />
      ) : (
        <Facts row={row} />
      )}
    </section>
  );
}

/** Counts how often it began to run: what it printed stays when it ends, and is followed anew when it starts again. */
function useRuns(runs: boolean): number {
  const seen = useRef({ runs, count: 0 });
  if (runs && !seen.current.runs) seen.current.count += 1;
  seen.current.runs = runs;
  return seen.current.count;
}

function Facts({ row }: { row: ContainerRow }) {
  const facts: [string, string][] = [
    ['ID', row.id],
    ['Image', row.image],
    ['Command', row.command],
    ['Created', agoText(row.createdAt * 1000, Date.now())],
    ...row.ports.map((port): [string, string] => ['Port', portText(port)]),
    ...row.volumes.map((volume): [string, string] => ['Volume', volume]),
    ...Object.entries(row.labels).map(([name, value]): [string, string] => [`Label ${name}`, value]),
  ];
  return (
    <dl class="facts" tabIndex={0}>
      {facts.map(([name, value]) => (
        <div key={name + value}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
