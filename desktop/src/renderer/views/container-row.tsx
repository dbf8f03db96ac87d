import { Component } from 'preact';
import type { ContainerRow, PublishedPort } from '@berth/daemon/api';
import { portText, portUrl } from '../../shared/ports.ts';
import { backend } from '../backend/choose.ts';
import { confirm } from '../parts/confirm.tsx';
import { IconButton } from '../parts/icons.tsx';
import { attempt } from '../state/notices.ts';

interface RowProps {
  row: ContainerRow;
  selected: boolean;
  /** Tab leads here; arrows lead on to the other rows. */
  tabStop: boolean;
  onSelect: (id: string) => void;
}

/** One container. Drawn again only when it is another: a list may be long. */
export class ContainerTableRow extends Component<RowProps> {
  override shouldComponentUpdate({ row, selected, tabStop }: RowProps): boolean {
    const { props } = this;
    return row !== props.row || selected !== props.selected || tabStop !== props.tabStop;
  }

  override render({ row, selected, tabStop, onSelect }: RowProps) {
    const { id, name, image, status, state, ports } = row;
    return (
      <tr
        tabIndex={tabStop ? 0 : -1}
        data-id={id}
        data-state={state}
        class={selected ? 'selected' : ''}
        aria-selected={selected}
        onClick={() => onSelect(id)}
      >
        <td>
          <span class={`dot ${state}`} title={state} />
          <span class="name" title={name}>
            {name}
          </span>
        </td>
        <td class="quiet minor" title={image}>
          {shortImage(image)}
        </td>
        <td class="quiet" title={status}>
          {status}
        </td>
        <td class="ports minor" title={ports.map(portText).join('\n')}>
          {ports.map((port) => portLink(port))}
        </td>
        <td class="actions">
          <RowActions {...row} />
        </td>
      </tr>
    );
  }
}

function RowActions({ id, name, state }: ContainerRow) {
  const running = state === 'running' || state === 'paused' || state === 'restarting';
  return (
    <>
      {running ? (
        <>
          {state === 'paused' && (
            <IconButton inRow icon="play" label={`Resume ${name}`} onClick={() => void act('containers.unpause', id)} />
          )}
          <IconButton
            inRow
            icon="restart"
            label={`Restart ${name}`}
            onClick={() => void act('containers.restart', id)}
          />
          <IconButton inRow icon="stop" label={`Stop ${name}`} onClick={() => void act('containers.stop', id)} />
        </>
      ) : (
        <IconButton inRow icon="play" label={`Start ${name}`} onClick={() => void act('containers.start', id)} />
      )}
      <IconButton inRow icon="remove" label={`Remove ${name}`} onClick={() => void remove({ id, name, running })} />
    </>
  );
}

type Act = `containers.${'start' | 'stop' | 'restart' | 'unpause'}`;

function act(operation: Act, id: string) {
  return attempt(() => backend.call(operation, { id }));
}

async function remove({ id, name, running }: { id: string; name: string; running: boolean }): Promise<void> {
  const text = running
    ? 'It runs: it is killed, and what it wrote outside of volumes is gone.'
    : 'What it wrote outside of volumes is gone.';
  const yes = await confirm({ title: `Remove ${name}?`, text, action: 'Remove' });
  if (yes) await attempt(() => backend.call('containers.remove', { id, force: running }));
}

function portLink(port: PublishedPort) {
  const text = portText(port);
  if (port.protocol !== 'tcp') return <span key={text}>{text}</span>;
  return (
    <a
      key={text}
      href={portUrl(port)}
      target="_blank"
      rel="noreferrer"
      tabIndex={-1}
      onClick={(event) => event.stopPropagation()}
    >
      {text}
    </a>
  );
}

/** A digest says nothing in a list. */
function shortImage(image: string): string {
  return image.replace(/^sha256:(\w{12})\w+$/, '$1').replace(/@sha256:\w+$/, '');
}
