import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { VolumeRow } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { IconButton } from '../parts/icons.tsx';
import { Filter, Toolbar } from '../parts/toolbar.tsx';
import { agoText } from '../parts/units.ts';
import { machine, onEvent } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { volumes } from '../state/resources.ts';
import { gridKeys } from '../parts/grid-keys.ts';
import { NoMachine } from './no-machine.tsx';

const filter = signal('');
const shown = computed(() =>
  (volumes.rows.value ?? []).filter(({ name }) => name.toLowerCase().includes(filter.value.toLowerCase())),
);

export function VolumesView() {
  useEffect(() => {
    volumes.reload();
    return onEvent(volumes.take);
  }, []);
  return (
    <>
      <Toolbar title="Volumes" note={volumes.rows.value ? String(volumes.rows.value.length) : ''}>
        <Filter text={filter} label="Filter volumes" />
      </Toolbar>
      <VolumeList />
    </>
  );
}

function VolumeList() {
  if (machine.value && machine.value.state !== 'running') return <NoMachine icon="volumes" />;
  if (volumes.problem.value !== null) {
    return (
      <Empty icon="problems" title="The engine does not answer">
        {volumes.problem.value}
      </Empty>
    );
  }
  if (volumes.rows.value?.length === 0) {
    return (
      <Empty icon="volumes" title="No volumes yet">
        <code>docker run -v data:/data …</code> makes one called data.
      </Empty>
    );
  }
  return (
    <div class="list" onKeyDown={gridKeys}>
      <table role="grid">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Driver</th>
            <th scope="col">Created</th>
            <th scope="col">Used by</th>
            <th scope="col" class="actions">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>{shown.value.map((row, index) => volumeTableRow(row, index === 0))}</tbody>
      </table>
    </div>
  );
}

function volumeTableRow({ name, driver, createdAt, usedBy }: VolumeRow, tabStop: boolean) {
  return (
    <tr key={name} tabIndex={tabStop ? 0 : -1}>
      <td class="name" title={name}>
        {name}
      </td>
      <td class="quiet">{driver}</td>
      <td class="quiet">{agoText(Date.parse(createdAt), Date.now())}</td>
      <td class="quiet">{usedBy.join(', ')}</td>
      <td class="actions">
        <IconButton
          inRow
          icon="remove"
          label={`Remove ${name}`}
          disabled={usedBy.length > 0}
          onClick={() => void remove(name)}
        />
      </td>
    </tr>
  );
}

async function remove(name: string): Promise<void> {
  const text = 'What is in it is gone for good.';
  if (!(await confirm({ title: `Remove the volume ${name}?`, text, action: 'Remove' }))) return;
  await attempt(() => backend.call('volumes.remove', { name }));
}
