import type { ApplyAnswer } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { attempt, notify } from '../state/notices.ts';
import { proxiesChanged, settingsChanged, withProxies, type Draft } from '../state/settings-draft.ts';
import { confirmed, takesUpBy } from './machine-card.tsx';

/** Writes what was changed, both files with one restart. False: nothing, or not all, was taken. */
export async function saveDraft(draft: Draft, restart: boolean): Promise<boolean> {
  const by = takesUpBy();
  const now = restart && by !== null;
  if (now && !(await confirmed('Restart the machine?', `Save and ${by}`))) return false;
  return attempt(async () => {
    const proxies = proxiesChanged(draft);
    const settings = settingsChanged(draft);
    let outcome = proxies ? await applyProxies(draft, now && !settings) : null;
    if (settings)
      outcome = await backend.call('settings.apply', {
        settings: draft.settings,
        restart: now,
        base: draft.answer.file,
      });
    if (outcome) tell(outcome);
  });
}

function applyProxies({ engineConfig, proxies }: Draft, restart: boolean): Promise<ApplyAnswer> {
  const text = withProxies(engineConfig.text, proxies);
  if (text === null) throw new Error('daemon.json is not valid JSON: put it right in Engine first');
  return backend.call('engineConfig.apply', { text, base: engineConfig.text, restart });
}

const words: Record<ApplyAnswer['outcome'], string> = {
  saved: 'Saved. The next start of the machine takes it up.',
  applied: 'Applied: the machine runs with it.',
  restored: 'Taken back',
};

/** What became of a change. */
export function tell({ outcome, problem }: ApplyAnswer): void {
  if (outcome === 'restored') notify('error', `${words.restored}: ${problem}`);
  else notify('done', words[outcome]);
}
