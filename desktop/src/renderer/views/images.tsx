import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ImageRow } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { confirm } from '../parts/confirm.tsx';
import { Empty } from '../parts/empty.tsx';
import { Grid } from '../parts/grid.tsx';
import { IconButton } from '../parts/icons.tsx';
import { Filter, Toolbar } from '../parts/toolbar.tsx';
import { agoText, sizeText } from '../parts/units.ts';
import { onEvent } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { images } from '../state/resources.ts';
import { insteadOfRows } from './instead-of-rows.tsx';

const filter = signal('');
const nameOf = ({ tags, id }: ImageRow) => tags[0] ?? id.replace('sha256:', '').slice(0, 12);
const shown = computed(() => {
  const word = filter.value.toLowerCase();
  const rows = images.rows.value ?? [];
  return rows.filter((row) => [...row.tags, row.id].some((text) => text.toLowerCase().includes(word)));
});

export function ImagesView() {
  useEffect(() => {
    images.reload();
    return onEvent(images.take);
  }, []);
  const rows = images.rows.value;
  const total = (rows ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <>
      <Toolbar title="Images" note={rows ? `${rows.length}, ${sizeText(total)}` : ''}>
        <Filter text={filter} label="Filter images" />
      </Toolbar>
      <ImageList />
    </>
  );
}

function ImageList() {
  const empty = (
    <Empty icon="images" title="No images yet">
      <code>docker pull</code> or <code>docker build</code> brings the first.
    </Empty>
  );
  return (
    insteadOfRows(images, { icon: 'images', empty }) ?? (
      <Grid
        icon="images"
        columns={['Name', 'ID', 'Size', 'Created', 'In use']}
        numbers={['Size']}
        minor={['ID', 'Created']}
      >
        {shown.value.map((row, index) => imageTableRow(row, index === 0))}
      </Grid>
    )
  );
}

function imageTableRow(row: ImageRow, tabStop: boolean) {
  const { id, tags, bytes, createdAt, containers } = row;
  return (
    <tr key={id} tabIndex={tabStop ? 0 : -1}>
      <td class="name" title={tags.join('\n')}>
        {nameOf(row)}
        {tags.length > 1 && <span class="quiet"> +{tags.length - 1}</span>}
      </td>
      <td class="quiet code minor">{id.replace('sha256:', '').slice(0, 12)}</td>
      <td class="number">{sizeText(bytes)}</td>
      <td class="quiet minor">{agoText(createdAt * 1000, Date.now())}</td>
      <td class="quiet">{containers === 0 ? '' : `${containers} container${containers === 1 ? '' : 's'}`}</td>
      <td class="actions">
        <IconButton
          inRow
          icon="remove"
          label={`Remove ${nameOf(row)}`}
          disabled={containers > 0}
          onClick={() => void remove(row)}
        />
      </td>
    </tr>
  );
}

async function remove(row: ImageRow): Promise<void> {
  const text =
    row.tags.length > 1
      ? `It has ${row.tags.length} names: ${row.tags.join(', ')}.`
      : 'It can be pulled or built again.';
  if (!(await confirm({ title: `Remove ${nameOf(row)}?`, text, action: 'Remove' }))) return;
  // With several names an id alone is refused.
  await attempt(() => backend.call('images.remove', { id: row.id, force: row.tags.length > 1 }));
}
