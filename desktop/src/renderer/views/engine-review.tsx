import { useLoaded } from '../editor/loaded.ts';
import { useModal } from '../parts/modal.ts';

interface ReviewProps {
  before: string;
  after: string;
  /** null: only the next start does. */
  takesUpBy: 'restart' | 'start' | null;
  onApply: (restart: boolean) => void;
  onCancel: () => void;
}

/** What changes, before it does. */
export function ReviewDialog({ before, after, takesUpBy, onApply, onCancel }: ReviewProps) {
  const dialog = useModal();
  const place = useLoaded(async (element) => {
    const { diffView } = await import('../editor/diff-view.ts');
    return () => diffView(element, { before, after });
  });
  return (
    <dialog ref={dialog} class="dialog wide" aria-labelledby="review" onCancel={onCancel}>
      <h2 id="review">Changes to daemon.json</h2>
      <div class="editor" ref={place} />
      <p class="note">
        {takesUpBy
          ? 'If the engine does not come up with it, the text before is put back and the machine started with that.'
          : 'The next start of the machine takes it up.'}
      </p>
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class={takesUpBy ? '' : 'primary'} onClick={() => onApply(false)}>
          Only save
        </button>
        {takesUpBy && (
          <button type="button" class="primary" onClick={() => onApply(true)}>
            Apply and {takesUpBy}
          </button>
        )}
      </div>
    </dialog>
  );
}
