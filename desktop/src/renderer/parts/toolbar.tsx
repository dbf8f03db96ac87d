import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

interface ToolbarProps {
  title: string;
  /** Beside the title, e.g. how many there are. */
  note?: string;
  children?: ComponentChildren;
}

export function Toolbar({ title, note, children }: ToolbarProps) {
  return (
    <header class="toolbar">
      <h1>{title}</h1>
      {note && <span class="note">{note}</span>}
      <span class="space" />
      {children}
    </header>
  );
}

/** A field that narrows a list; `/` goes there, Escape clears it. */
export function Filter({ text, label }: { text: Signal<string>; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || (event.target as HTMLElement).matches('input, textarea, [contenteditable]')) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <label class="filter">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        placeholder="Filter"
        aria-label={label}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && (text.value = '')}
      />
    </label>
  );
}
