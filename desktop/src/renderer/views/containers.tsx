import { computed, signal } from '@preact/signals';
import type { ContainerRow } from '@berth/daemon/api';
import { Empty } from '../parts/empty.tsx';
import { Filter, Toolbar } from '../parts/toolbar.tsx';
import { machine } from '../state/live.ts';
import { containers } from '../state/resources.ts';
import { ContainerDetails } from './container-details.tsx';
import { gridKeys } from '../parts/grid-keys.ts';
import { ContainerTableRow } from './container-row.tsx';
import { NoMachine } from './no-machine.tsx';

const filter = signal('');
const runningOnly = signal(false);
export const selectedId = signal<string | null>(null);

const shown = computed(() => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  return (containers.rows.value ?? []).filter(
    (row) => (!runningOnly.value || row.state === 'running') && words.every((word) => textOf(row).includes(word)),
  );
});

function textOf({ name, image, id }: ContainerRow): string {
  return `${name}\n${image}\n${id}`.toLowerCase();
}

export function ContainersView() {
  const rows = containers.rows.value;
  const running = (rows ?? []).filter(({ state }) => state === 'running').length;
  const selected = rows?.find(({ id }) => id === selectedId.value);
  return (
    <>
      <Toolbar title="Containers" note={rows ? `${running} running of ${rows.length}` : ''}>
        <label class="check">
          <input
            type="checkbox"
            checked={runningOnly.value}
            onChange={(event) => (runningOnly.value = event.currentTarget.checked)}
          />
          Running only
        </label>
        <Filter text={filter} label="Filter containers" />
      </Toolbar>
      <ContainerList />
      {selected && <ContainerDetails key={selected.id} row={selected} onClose={() => (selectedId.value = null)} />}
    </>
  );
}

function ContainerList() {
  const { rows, problem } = containers;
  if (machine.value && machine.value.state !== 'running') return <NoMachine icon="containers" />;
  if (problem.value !== null)
    return (
      <Empty icon="problems" title="The engine does not answer">
        {problem.value}
      </Empty>
    );
  if (rows.value === null) return <div class="list" aria-busy="true" />;
  if (rows.value.length === 0) {
    return (
      <Empty icon="containers" title="No containers yet">
        <code>docker run -d -p 8080:80 nginx</code> makes one.
      </Empty>
    );
  }
  const tabStop = Math.max(
    0,
    shown.value.findIndex(({ id }) => id === selectedId.value),
  );
  return (
    <div class="list" onKeyDown={gridKeys}>
      <table role="grid">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Image</th>
            <th scope="col">Status</th>
            <th scope="col">Ports</th>
            <th scope="col" class="actions">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.value.map((row, index) => (
            <ContainerTableRow
              key={row.id}
              row={row}
              selected={row.id === selectedId.value}
              tabStop={index === tabStop}
              onSelect={selectRow}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const selectRow = (id: string) => void (selectedId.value = selectedId.value === id ? null : id);
