import type { SettingsAnswer, SettingsContent } from '@berth/daemon/api';
import { machine } from '../state/live.ts';
import type { Draft } from '../state/settings-draft.ts';
import { ChoiceField, Section, SizeField } from './settings-fields.tsx';

interface MachineSectionProps extends Draft {
  change: (changes: SettingsContent) => Promise<void>;
}

type Processor = NonNullable<SettingsContent['architecture']>;
const processors: readonly Processor[] = ['amd64', 'arm64'];

/** What the machine is made of. */
export function MachineSection({ answer, settings, change }: MachineSectionProps) {
  const { effective, host, drivers } = answer;
  const set = (key: 'cpus' | 'memoryMiB' | 'diskGiB') => (value: number) => void change({ [key]: value });
  return (
    <Section title="Machine" note={noteOf(answer)}>
      <ChoiceField
        label="Driver"
        value={settings.driver ?? 'auto'}
        choices={drivers}
        onChange={(driver) => void change({ driver })}
      />
      <ChoiceField
        label="Processor"
        note="Another one than this computer's is emulated, which is several times slower."
        value={settings.architecture ?? effective.architecture ?? ''}
        choices={processors}
        onChange={(architecture) => void change({ architecture })}
      />
      <SizeField
        label="CPUs"
        unit=""
        value={settings.cpus ?? effective.cpus}
        max={host.cpus}
        step={1}
        onChange={set('cpus')}
      />
      <SizeField
        label="Memory"
        unit="MiB"
        value={settings.memoryMiB ?? effective.memoryMiB}
        min={512}
        max={host.memoryMiB}
        step={256}
        onChange={set('memoryMiB')}
      />
      <SizeField
        label="Disk"
        unit="GiB"
        value={settings.diskGiB ?? effective.diskGiB}
        max={1024}
        step={1}
        onChange={set('diskGiB')}
      />
    </Section>
  );
}

function noteOf({ honoured }: SettingsAnswer): string {
  const { driver } = machine.value ?? {};
  if (honoured.length > 0) return 'The disk takes only as much room as what is in it.';
  return `The ${driver} driver has no machine of its own: it uses this computer as it is, and these sizes do not count.`;
}
