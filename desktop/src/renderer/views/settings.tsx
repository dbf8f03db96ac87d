import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SettingsAnswer, SettingsContent } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { Toolbar } from '../parts/toolbar.tsx';
import { machine } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { draftOf, proxiesChanged, settingsChanged, type Draft, type Proxies } from '../state/settings-draft.ts';
import { Field, Section, Shares, SizeField, TextField } from './settings-fields.tsx';
import { saveDraft } from './settings-save.ts';

const draft = signal<Draft | null>(null);
const problem = signal<string | null>(null);
const saving = signal(false);

async function read(): Promise<void> {
  await attempt(async () => {
    const [answer, engineConfig] = await Promise.all([
      backend.call('settings.get', {}),
      backend.call('engineConfig.get', {}),
    ]);
    draft.value = draftOf(answer, engineConfig);
    problem.value = null;
  });
}

/** Checked by the daemon's own rules as it is typed. */
async function change(changes: SettingsContent): Promise<void> {
  const settings = { ...draft.value!.settings, ...changes };
  draft.value = { ...draft.value!, settings };
  const verdict = await backend.call('settings.validate', { settings });
  if (draft.value?.settings === settings) problem.value = verdict.problem;
}

function changeProxies(changes: Partial<Proxies>): void {
  draft.value = { ...draft.value!, proxies: { ...draft.value!.proxies, ...changes } };
}

async function save(restart: boolean): Promise<void> {
  saving.value = true;
  if (await saveDraft(draft.value!, restart)) await read();
  saving.value = false;
}

export function SettingsView() {
  useEffect(() => void read(), []);
  if (!draft.value) return <Toolbar title="Settings" />;
  return (
    <>
      <Toolbar title="Settings">
        <SaveButtons />
      </Toolbar>
      {problem.value !== null && (
        <p class="banner" role="alert">
          {problem.value}
        </p>
      )}
      <form class="settings list" onSubmit={(event) => event.preventDefault()}>
        <MachineSection {...draft.value} />
        <Section title="Shared folders" note="Folders of this computer that containers may mount.">
          <Shares
            value={draft.value.settings.shares ?? draft.value.answer.effective.shares}
            onChange={(shares) => void change({ shares: [...shares] })}
          />
        </Section>
        <ProxySection {...draft.value.proxies} />
        <GeneralSection {...draft.value} />
      </form>
    </>
  );
}

function SaveButtons() {
  const changed = settingsChanged(draft.value!) || proxiesChanged(draft.value!);
  const off = !changed || saving.value || problem.value !== null;
  const { pending } = draft.value!.answer;
  return (
    <>
      {pending.length > 0 && !changed && <span class="note">the next start takes the saved sizes up</span>}
      <button type="button" disabled={!changed || saving.value} onClick={() => void read()}>
        Discard
      </button>
      <button
        type="button"
        class={machine.value?.state === 'running' ? '' : 'primary'}
        disabled={off}
        onClick={() => void save(false)}
      >
        Save
      </button>
      {machine.value?.state === 'running' && (
        <button type="button" class="primary" disabled={off} onClick={() => void save(true)}>
          Save and restart
        </button>
      )}
    </>
  );
}

function MachineSection({ answer, settings }: Draft) {
  const { effective, host, drivers } = answer;
  const set = (key: 'cpus' | 'memoryMiB' | 'diskGiB') => (value: number) => void change({ [key]: value });
  return (
    <Section title="Machine" note={noteOf(answer)}>
      <Field label="Driver">
        <select
          aria-label="Driver"
          value={settings.driver ?? 'auto'}
          onChange={(event) => void change({ driver: event.currentTarget.value })}
        >
          {drivers.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
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

function ProxySection({ http, https, none }: Proxies) {
  return (
    <Section title="Proxies" note="For images, and for containers that are made after. Kept in daemon.json.">
      <TextField
        label="HTTP proxy"
        placeholder="http://proxy:3128"
        value={http}
        onChange={(text) => changeProxies({ http: text })}
      />
      <TextField
        label="HTTPS proxy"
        placeholder="http://proxy:3128"
        value={https}
        onChange={(text) => changeProxies({ https: text })}
      />
      <TextField
        label="Not for"
        placeholder="localhost,*.example.com"
        value={none}
        onChange={(text) => changeProxies({ none: text })}
      />
    </Section>
  );
}

function GeneralSection({ answer, settings }: Draft) {
  return (
    <Section title="General">
      <Field label="Start when used">
        <label class="check">
          <input
            type="checkbox"
            checked={settings.startOnRequest ?? false}
            onChange={(event) => void change({ startOnRequest: event.currentTarget.checked })}
          />
          The first docker command starts a machine that is off
        </label>
      </Field>
      <StartAtLogin state={answer.startAtLogin} />
    </Section>
  );
}

/** Counts at once: it is no part of the file. */
function StartAtLogin({ state }: { state: SettingsAnswer['startAtLogin'] }) {
  const set = async (enabled: boolean) => {
    await attempt(() => backend.call('settings.startAtLogin', { enabled }));
    const startAtLogin = (await backend.call('settings.get', {})).startAtLogin;
    draft.value = { ...draft.value!, answer: { ...draft.value!.answer, startAtLogin } };
  };
  const notes = {
    enabled: 'The machine starts when you log in',
    disabled: 'The machine starts when you log in',
    different: 'Another berth, or another home, starts when you log in: tick to make it this one',
  };
  return (
    <Field label="Start at login">
      <label class="check">
        <input
          type="checkbox"
          aria-label="Start at login"
          disabled={state === null}
          checked={state === 'enabled'}
          onChange={(event) => void set(event.currentTarget.checked)}
        />
        {state === null ? 'Not available on this platform' : notes[state]}
      </label>
    </Field>
  );
}
