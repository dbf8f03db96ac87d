import { signal } from '@preact/signals';
import { useModal } from './modal.ts';

interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  action: string;
  answer: (yes: boolean) => void;
}

const question = signal<Question | null>(null);

/** Asks before something that cannot be undone. */
export function confirm(asked: Omit<Question, 'answer'>): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (yes) => {
        question.value = null;
        resolve(yes);
      },
    };
  });
}

export function ConfirmDialog() {
  const asked = question.value;
  return asked && <Dialog key={asked.title} {...asked} />;
}

function Dialog({ title, text, action, answer }: Question) {
  const dialog = useModal();
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="question" onCancel={() => answer(false)}>
      <h2 id="question">{title}</h2>
      <p>{text}</p>
      <div class="buttons">
        <button type="button" onClick={() => answer(false)}>
          Cancel
        </button>
        <button type="button" class="danger" autofocus onClick={() => answer(true)}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
