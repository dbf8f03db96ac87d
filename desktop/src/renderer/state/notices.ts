import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  kind: 'error' | 'done';
  text: string;
}

export const notices = signal<readonly Notice[]>([]);
const shownMs = 8000;
const shownAtMost = 4;
let nextId = 1;

export function notify(kind: Notice['kind'], text: string): void {
  const notice = { id: nextId++, kind, text };
  notices.value = [...notices.value, notice].slice(-shownAtMost);
  setTimeout(() => dismiss(notice.id), shownMs);
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
