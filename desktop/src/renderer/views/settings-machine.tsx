import type { SettingsContent } from '@berth/daemon/api';
import { driverOf, type Draft } from '../state/settings-draft.ts';
import { ChoiceField, Section, SizeField } from './settings-fields.tsx';

interface MachineSectionProps extends Draft {
  change: (changes: SettingsContent) => Promise<void>;
}

type Processor = NonNullable<SettingsContent['architecture']>;
const processors: readonly Processor[] = ['amd64', 'arm64'];

/** What the machine is made of. */
export function MachineSection({ change, ...draft }: MachineSectionProps) {
  const { answer, settings } = draft;
  const { effective, host, drivers } = answer;
  const set = (key: 'cpus' | 'memoryMiB' | 'diskGiB') => (value: number) => void change({ [key]: value });
  return (
    <Section title="Machine" note={noteOf(draft)}>
      <ChoiceField
        label="Driver"
        value={settings.driver ?? 'auto'}
        choices={drivers.map(({ name }) => name)}
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
        host={host.cpus}
        step={1}
        onChange={set('cpus')}
      />
      <SizeField
        label="Memory"
        unit="MiB"
        value={settings.memoryMiB ?? effective.memoryMiB}
        min={512}
        max={host.memoryMiB}
        host={host.memoryMiB}
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

function noteOf(draft: Draft): string {
  const { name, honours = [] } = driverOf(draft) ?? {};
  if (honours.length > 0) return 'The disk takes only as much room as what is in it; it can grow, not shrink.';
  return `The ${name ?? 'chosen'} driver has no machine of its own: it uses this computer as it is, and these sizes do not count.`;
}
