import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { VolumeRow } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { Grid } from '../parts/grid.tsx';
import { IconButton } from '../parts/icons.tsx';
import { Filter, Toolbar } from '../parts/toolbar.tsx';
import { agoText } from '../parts/units.ts';
import { onEvent } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { volumes } from '../state/resources.ts';
import { insteadOfRows } from './instead-of-rows.tsx';

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
  const empty = (
    <Empty icon="volumes" title="No volumes yet">
      <code>docker run -v data:/data …</code> makes one called data.
    </Empty>
  );
  return (
    insteadOfRows(volumes, { icon: 'volumes', empty }) ?? (
      <Grid icon="volumes" columns={['Name', 'Driver', 'Created', 'Used by']} minor={['Driver', 'Created']}>
        {shown.value.map((row, index) => volumeTableRow(row, index === 0))}
      </Grid>
    )
  );
}

function volumeTableRow({ name, driver, createdAt, usedBy }: VolumeRow, tabStop: boolean) {
  return (
    <tr key={name} tabIndex={tabStop ? 0 : -1}>
      <td class="name" title={name}>
        {name}
      </td>
      <td class="quiet minor">{driver}</td>
      <td class="quiet minor">{agoText(Date.parse(createdAt), Date.now())}</td>
      <td class="quiet" title={usedBy.join('\n')}>
        {usedBy.join(', ')}
      </td>
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
