import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * For a table's body: when the row that has the focus goes, the one in its place gets it, so that whoever walks the
 * list by keys stays there. Returns the handlers of whatever is around the rows.
 */
export function useKeptFocus() {
  const place = useRef<{ list: Element; index: number } | null>(null);
  const onFocusIn = ({ target }: FocusEvent) => {
    const row = (target as Element).closest('tbody tr');
    place.current = row && { list: row.parentElement!, index: [...row.parentElement!.children].indexOf(row) };
  };
  const onFocusOut = ({ target }: FocusEvent) => {
    // A row that is taken away loses the focus, too; then it is not there a moment later.
    queueMicrotask(() => {
      if ((target as Element).isConnected && document.activeElement === document.body) place.current = null;
    });
  };
  useLayoutEffect(() => {
    if (!place.current || document.activeElement !== document.body) return;
    const { list, index } = place.current;
    const rows = list.children;
    (rows[Math.min(index, rows.length - 1)] as HTMLElement | undefined)?.focus();
  });
  return { onFocusIn, onFocusOut };
}
