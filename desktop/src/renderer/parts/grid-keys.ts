/**
 * The keys of a list, as in any grid (ARIA's pattern): up, down, Home and End go from row to row, left and right to a row's
 * buttons and back, Enter opens what a row has to show, Delete removes.
 */
export function gridKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>('tbody tr');
  if (!row || (target !== row && target.closest('a, input'))) return;
  const buttons = [...row.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const next = nextPlace(event.key, { row, buttons, at: buttons.indexOf(target) });
  if (next) next.focus();
  else if (target === row && (event.key === 'Enter' || event.key === ' ')) row.click();
  else if (event.key === 'Delete') buttons.at(-1)?.click();
  else return;
  event.preventDefault();
}

interface Place {
  row: HTMLElement;
  buttons: readonly HTMLElement[];
  /** Which of the buttons has the focus; -1: the row itself. */
  at: number;
}

function nextPlace(key: string, { row, buttons, at }: Place): HTMLElement | null {
  switch (key) {
    case 'ArrowDown':
      return row.nextElementSibling as HTMLElement | null;
    case 'ArrowUp':
      return row.previousElementSibling as HTMLElement | null;
    case 'Home':
      return row.parentElement?.firstElementChild as HTMLElement | null;
    case 'End':
      return row.parentElement?.lastElementChild as HTMLElement | null;
    case 'ArrowRight':
      return buttons[at + 1] ?? null;
    case 'ArrowLeft':
      return at > 0 ? (buttons[at - 1] ?? null) : row;
    default:
      return null;
  }
}
