import { useState } from 'preact/hooks';
import type { SettingsContent, ShareKind } from '@berth/daemon/api';
import { Icon, IconButton } from '../parts/icons.tsx';
import { driverOf, type Draft } from '../state/settings-draft.ts';
import { ChoiceField, Section } from './settings-fields.tsx';

interface SharesSectionProps extends Draft {
  change: (changes: SettingsContent) => Promise<void>;
}

const kindWords: Readonly<Record<ShareKind, string>> = { sftp: 'SFTP', virtiofs: 'virtiofs', '9p': '9p' };
const later = 'a folder that is added comes by SFTP until the machine is started again';
const notes: Readonly<Record<ShareKind, string>> = {
  sftp: 'Containers are notified of changes made on this computer, and the owners that they give to files are kept.',
  virtiofs: `virtiofs is several times faster than SFTP. In return, containers see a change made on this computer up to a second later and are not notified of it (no inotify), chown works only where berth runs as root, and ${later}.`,
  '9p': `9p is faster than SFTP for most of what programs do. In return, containers are not notified of changes made on this computer (no inotify), chown works only where berth runs as root, and ${later}.`,
};

/** Folders of the host, and by what the machine sees them. */
export function SharesSection({ change, ...draft }: SharesSectionProps) {
  const { settings, answer } = draft;
  return (
    <Section title="Shared folders" note="Folders of this computer that containers may mount.">
      <Shares
        value={settings.shares ?? answer.effective.shares}
        onChange={(shares) => void change({ shares: [...shares] })}
      />
      <ShareKindField
        value={settings.shareKind ?? 'sftp'}
        offered={driverOf(draft)?.shareKinds ?? []}
        onChange={(shareKind) => void change({ shareKind })}
      />
    </Section>
  );
}

interface ShareKindFieldProps {
  value: ShareKind;
  /** What works here, with the driver that is chosen. */
  offered: readonly ShareKind[];
  onChange: (kind: ShareKind) => void;
}

/** Only where there is something to choose, or to take back. */
function ShareKindField({ value, offered, onChange }: ShareKindFieldProps) {
  const choices = [...new Set<ShareKind>(['sftp', ...offered, value])];
  if (choices.length === 1) return null;
  const impossible = value !== 'sftp' && !offered.includes(value);
  return (
    <ChoiceField
      label="Shown by"
      note={impossible ? `${kindWords[value]} does not work here: the machine would not start.` : notes[value]}
      {...{ value, choices, onChange, words: kindWords }}
    />
  );
}

interface SharesProps {
  value: readonly string[];
  onChange: (shares: readonly string[]) => void;
}

/** A list of folders, and a line to add one, which is added also by going on to something else. */
function Shares({ value, onChange }: SharesProps) {
  const [text, setText] = useState('');
  const add = () => {
    const folder = text.trim();
    if (folder !== '' && !value.includes(folder)) onChange([...value, folder]);
    setText('');
  };
  return (
    <ul class="shares">
      {value.map((folder) => (
        <li key={folder}>
          <code title={folder}>{folder}</code>
          <IconButton
            icon="close"
            label={`Do not share ${folder}`}
            onClick={() => onChange(value.filter((other) => other !== folder))}
          />
        </li>
      ))}
      <li>
        <input
          type="text"
          aria-label="Folder to share"
          placeholder="/path/of/a/folder"
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
          onBlur={add}
        />
        <button type="button" aria-label="Share the folder" onClick={add}>
          <Icon name="add" />
          Share
        </button>
      </li>
    </ul>
  );
}
