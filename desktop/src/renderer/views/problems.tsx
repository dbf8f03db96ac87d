import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FindingState, NamedFinding } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { Toolbar } from '../parts/toolbar.tsx';
import { disconnected, machine } from '../state/live.ts';
import { attempt } from '../state/notices.ts';

const findings = signal<readonly NamedFinding[] | null>(null);
const looking = signal(false);
/** What matters comes first. */
const order: readonly FindingState[] = ['problem', 'warning', 'ok', 'skipped'];
const words: Record<FindingState, string> = { problem: 'Problem', warning: 'Warning', ok: 'OK', skipped: 'Not needed' };

async function look(): Promise<void> {
  looking.value = true;
  await attempt(async () => (findings.value = await backend.call('doctor', {})));
  looking.value = false;
}

/** What `berth doctor` finds. */
export function ProblemsView() {
  useEffect(() => {
    if (disconnected.value === null) void look();
  }, [disconnected.value === null, machine.value?.state]);
  const sorted = (findings.value ?? []).toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const open = sorted.filter(({ state }) => state === 'problem' || state === 'warning').length;
  return (
    <>
      <Toolbar title="Problems" note={findings.value ? (open === 0 ? 'none' : String(open)) : 'looking…'}>
        <button type="button" disabled={looking.value} onClick={() => void look()}>
          Look again
        </button>
      </Toolbar>
      <ul class="findings list" aria-busy={looking.value}>
        {sorted.map(({ check, state, finding, fix }) => (
          <li key={check} class={state}>
            <span class="state">{words[state]}</span>
            <span class="check">{check}</span>
            <div class="text">
              {finding}
              {fix !== null && <div class="fix">{fix}</div>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
