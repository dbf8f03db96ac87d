import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SettingsAnswer, SettingsContent } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { Empty } from '../parts/empty.tsx';
import { Toolbar } from '../parts/toolbar.tsx';
import { disconnected } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { draftOf, isChanged, type Draft, type Proxies } from '../state/settings-draft.ts';
import { CheckField, Field, Section, TextField } from './settings-fields.tsx';
import { MachineSection } from './settings-machine.tsx';
import { takesUpBy } from './machine-card.tsx';
import { saveDraft } from './settings-save.ts';
import { SharesSection } from './settings-shares.tsx';

const draft = signal<Draft | null>(null);
const problem = signal<string | null>(null);
const saving = signal(false);

async function read(): Promise<void> {
  try {
    const [answer, engineConfig] = await Promise.all([
      backend.call('settings.get', {}),
      backend.call('engineConfig.get', {}),
    ]);
    draft.value = draftOf(answer, engineConfig);
    problem.value = null;
  } catch (error) {
    draft.value = null;
    problem.value = (error as Error).message;
  }
}

/** Checked by the daemon's own rules as it is typed. */
async function change(changes: SettingsContent): Promise<void> {
  const settings = { ...draft.value!.settings, ...changes };
  draft.value = { ...draft.value!, settings };
  // Without a daemon nothing is said here; its absence is told elsewhere.
  const verdict = await backend.call('settings.validate', { settings }).catch(() => ({ problem: null }));
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
  useEffect(() => {
    // What was typed before somebody looked at another view is still there.
    if (disconnected.value === null && (!draft.value || !isChanged(draft.value))) void read();
  }, [disconnected.value === null]);
  if (!draft.value) return <NoSettings />;
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
        <MachineSection {...draft.value} change={change} />
        <SharesSection {...draft.value} change={change} />
        <ProxySection {...draft.value.proxies} />
        <GeneralSection {...draft.value} />
        <DockerSection {...draft.value} />
      </form>
    </>
  );
}

/** A file that somebody edited by hand may not be one that can be read. */
function NoSettings() {
  return (
    <>
      <Toolbar title="Settings" />
      {problem.value !== null && (
        <Empty icon="settings" title="The settings cannot be read">
          <span class="problem">{problem.value}</span>
          <button type="button" onClick={() => void read()}>
            Read again
          </button>
        </Empty>
      )}
    </>
  );
}

function SaveButtons() {
  const changed = isChanged(draft.value!);
  const off = !changed || saving.value || problem.value !== null;
  const { pending } = draft.value!.answer;
  const by = takesUpBy();
  return (
    <>
      {pending.length > 0 && !changed && <span class="note">the next start takes the saved sizes up</span>}
      <button type="button" disabled={!changed || saving.value} onClick={() => void read()}>
        Discard
      </button>
      <button type="button" class={by ? '' : 'primary'} disabled={off} onClick={() => void save(false)}>
        Save
      </button>
      {by && (
        <button type="button" class="primary" disabled={off} onClick={() => void save(true)}>
          Save and {by}
        </button>
      )}
    </>
  );
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
      <CheckField
        label="Start when used"
        text="The first docker command starts a machine that is off"
        checked={settings.startOnRequest ?? false}
        onChange={(startOnRequest) => void change({ startOnRequest })}
      />
      <StartAtLogin state={answer.startAtLogin} />
    </Section>
  );
}

/** Whether clients that look in docker's own places find this engine. */
function DockerSection({ answer: { effective }, settings }: Draft) {
  const field = (key: 'userSocket' | 'systemSocket' | 'context') => ({
    checked: settings[key] ?? effective[key],
    onChange: (wanted: boolean) => void change({ [key]: wanted }),
  });
  return (
    <Section
      title="Docker"
      note="Sockets count once the daemon is started again (berth down, berth up). Nobody else's are replaced."
    >
      <CheckField label="User's socket" text="~/.docker/run/docker.sock leads here" {...field('userSocket')} />
      <CheckField label="System's socket" text="/var/run/docker.sock leads here" {...field('systemSocket')} />
      <CheckField label="Context" text="docker has a context “berth”" {...field('context')} />
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
