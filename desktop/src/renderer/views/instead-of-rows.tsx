import type { ReadonlySignal } from '@preact/signals';
import type { VNode } from 'preact';
import { Empty } from '../parts/empty.tsx';
import type { IconName } from '../parts/icons.tsx';
import { disconnected, machine } from '../state/live.ts';
import { NoMachine } from './no-machine.tsx';

interface Listed {
  rows: ReadonlySignal<readonly unknown[] | null>;
  problem: ReadonlySignal<string | null>;
}

/** What is shown where a list has no rows, and why; null: it has some, or they are still to come. */
export function insteadOfRows({ rows, problem }: Listed, { icon, empty }: { icon: IconName; empty: VNode }) {
  const runs = machine.value?.state === 'running';
  if (disconnected.value !== null && !(runs && rows.value)) return <NoDaemon />;
  if (machine.value && !runs) return <NoMachine icon={icon} />;
  if (problem.value !== null) {
    return (
      <Empty icon="problems" title="The engine does not answer">
        {problem.value}
      </Empty>
    );
  }
  return rows.value?.length === 0 ? empty : null;
}

/** The banner says what to do. */
function NoDaemon() {
  return <Empty icon="problems" title="Waiting for the daemon" />;
}
