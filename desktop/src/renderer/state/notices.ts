import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  kind: 'error' | 'done';
  text: string;
}

export const notices = signal<readonly Notice[]>([]);
/** What went wrong stays until somebody has seen it. */
const doneShownMs = 8000;
const shownAtMost = 4;
let nextId = 1;

export function notify(kind: Notice['kind'], text: string): void {
  const notice = { id: nextId++, kind, text };
  const others = notices.value.filter((other) => other.text !== text);
  notices.value = [...others, notice].slice(-shownAtMost);
  if (kind === 'done') setTimeout(() => dismiss(notice.id), doneShownMs);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Does it and shows why it failed; true: it did not. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    notify('error', (error as Error).message);
    return false;
  }
}
