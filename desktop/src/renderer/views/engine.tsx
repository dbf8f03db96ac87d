import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApplyAnswer, EngineConfigAnswer, TextProblem } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { useLoaded } from '../editor/loaded.ts';
import { Toolbar } from '../parts/toolbar.tsx';
import { disconnected } from '../state/live.ts';
import { attempt } from '../state/notices.ts';
import { confirmed, takesUpBy } from './machine-card.tsx';
import { ReviewDialog } from './engine-review.tsx';
import { tell } from './settings-save.ts';

const saved = signal<EngineConfigAnswer | null>(null);
/** How often it was read: each time the editor begins anew. */
const reads = signal(0);
const text = signal('');
const problems = signal<readonly TextProblem[]>([]);
const reviewing = signal(false);
const applying = signal(false);
/** Of the last change, when it was taken back. */
const failure = signal<ApplyAnswer | null>(null);

/** What there is to edit where there is no file yet. */
const shownText = ({ text }: EngineConfigAnswer) => (text === '' ? '{\n}\n' : text);
const isChanged = () => saved.value !== null && text.value !== shownText(saved.value);

async function read(): Promise<void> {
  await attempt(async () => {
    const answer = await backend.call('engineConfig.get', {});
    text.value = shownText(answer);
    saved.value = answer;
    problems.value = [];
    reads.value += 1;
    failure.value = null;
  });
}

async function validate(changed: string): Promise<readonly TextProblem[]> {
  // Without a daemon the mistakes known last stay.
  const found = await backend.call('engineConfig.validate', { text: changed }).catch(() => problems.value);
  if (changed === text.value) problems.value = found;
  return found;
}

async function apply(restart: boolean): Promise<void> {
  if (restart && !(await confirmed('Restart the machine?', 'Apply and restart'))) return;
  reviewing.value = false;
  applying.value = true;
  failure.value = null;
  await attempt(async () => {
    const answer = await backend.call('engineConfig.apply', { text: text.value, base: saved.value!.text, restart });
    if (answer.outcome === 'restored') return void (failure.value = answer);
    tell(answer);
    saved.value = { ...saved.value!, text: text.value };
  });
  applying.value = false;
}

/** daemon.json: edited with its mistakes shown where they are, compared before it is applied, taken back when it fails. */
export function EngineView() {
  useEffect(() => {
    // It may have been changed elsewhere, but what was typed here is kept.
    if (disconnected.value === null && !isChanged()) void read();
  }, [disconnected.value === null]);
  const changed = isChanged();
  const wrong = problems.value.length;
  const note = applying.value
    ? 'applying…'
    : wrong > 0
      ? `${wrong} problem${wrong === 1 ? '' : 's'}`
      : 'daemon.json, with Docker’s own keys: Ctrl+Space lists them, Esc and Tab lead on';
  return (
    <>
      <Toolbar title="Engine" note={note}>
        <button type="button" disabled={!changed || applying.value} onClick={() => void read()}>
          Discard
        </button>
        <button
          type="button"
          class="primary"
          disabled={!changed || applying.value || wrong > 0}
          onClick={() => (reviewing.value = true)}
        >
          Review and apply
        </button>
      </Toolbar>
      {failure.value && <FailureBanner {...failure.value} />}
      {saved.value && <Editor key={reads.value} config={saved.value} />}
      <ProblemList />
      {reviewing.value && (
        <ReviewDialog
          before={saved.value?.text ?? ''}
          after={text.value}
          takesUpBy={takesUpBy()}
          onApply={(restart) => void apply(restart)}
          onCancel={() => (reviewing.value = false)}
        />
      )}
    </>
  );
}

function FailureBanner({ problem, consoleTail }: ApplyAnswer) {
  return (
    <div class="banner" role="alert">
      The engine did not come up with this text, so the one before is in use again: {problem}
      {consoleTail !== '' && (
        <pre tabIndex={0} ref={toEnd}>
          {consoleTail}
        </pre>
      )}
    </div>
  );
}

/** What was said last tells most. */
function toEnd(element: HTMLElement | null): void {
  if (element) element.scrollTop = element.scrollHeight;
}

/** Loaded when it is needed: it is larger than the rest of the page. */
function Editor({ config }: { config: EngineConfigAnswer }) {
  const place = useLoaded(async (element) => {
    const { jsonEditor } = await import('../editor/json-editor.ts');
    return () => {
      const onChange = (changed: string) => (text.value = changed);
      return jsonEditor(element, { text: text.value, keys: config.keys, validate, onChange });
    };
  });
  return <div class="editor" ref={place} />;
}

function ProblemList() {
  return (
    <ul class="text-problems" aria-label="Problems in daemon.json">
      {problems.value.map(({ line, column, message }) => (
        <li key={`${line}:${column} ${message}`}>
          <span class="code">
            {line}:{column}
          </span>{' '}
          {message}
        </li>
      ))}
    </ul>
  );
}
