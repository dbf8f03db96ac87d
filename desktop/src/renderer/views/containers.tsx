import { computed, signal } from '@preact/signals';
import type { ContainerRow } from '@berth/daemon/api';
import { Empty } from '../parts/empty.tsx';
import { Grid } from '../parts/grid.tsx';
import { Filter, Toolbar } from '../parts/toolbar.tsx';
import { containers } from '../state/resources.ts';
import { ContainerDetails } from './container-details.tsx';
import { ContainerTableRow } from './container-row.tsx';
import { insteadOfRows } from './instead-of-rows.tsx';

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
  const empty = (
    <Empty icon="containers" title="No containers yet">
      <code>docker run -d -p 8080:80 nginx</code> makes one.
    </Empty>
  );
  const instead = insteadOfRows(containers, { icon: 'containers', empty });
  if (instead) return instead;
  if (containers.rows.value === null) return <div class="list" aria-busy="true" />;
  const tabStop = Math.max(
    0,
    shown.value.findIndex(({ id }) => id === selectedId.value),
  );
  return (
    <Grid icon="containers" columns={['Name', 'Image', 'Status', 'Ports']} minor={['Image', 'Ports']}>
      {shown.value.map((row, index) => (
        <ContainerTableRow
          key={row.id}
          row={row}
          selected={row.id === selectedId.value}
          tabStop={index === tabStop}
          onSelect={selectRow}
        />
      ))}
    </Grid>
  );
}

const selectRow = (id: string) => void (selectedId.value = selectedId.value === id ? null : id);
