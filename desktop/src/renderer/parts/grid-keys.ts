/**
 * The keys of a list, as in any grid (ARIA's pattern): up, down, Home and End go from row to row, left and right to a row's
 * links and buttons and back, Enter opens what a row has to show, Delete removes.
 */
export function gridKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>('tbody tr');
  if (!row) return;
  const parts = [...row.querySelectorAll<HTMLElement>('a, button:not(:disabled)')].filter(isShown);
  const next = nextPlace(event.key, { row, parts, at: parts.indexOf(target) });
  if (next) next.focus();
  else if (target === row && (event.key === 'Enter' || event.key === ' ')) row.click();
  else if (event.key === 'Delete') row.querySelector<HTMLElement>('button:last-of-type:not(:disabled)')?.click();
  else return;
  event.preventDefault();
}

interface Place {
  row: HTMLElement;
  /** Links and buttons. */
  parts: readonly HTMLElement[];
  /** Which of them has the focus; -1: the row itself. */
  at: number;
}

/** A narrow window leaves some out. */
const isShown = (element: HTMLElement) => element.offsetParent !== null;

function nextPlace(key: string, { row, parts, at }: Place): HTMLElement | null {
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
      return parts[at + 1] ?? null;
    case 'ArrowLeft':
      return at > 0 ? (parts[at - 1] ?? null) : row;
    default:
      return null;
  }
}
