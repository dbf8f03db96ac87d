import type { ComponentChildren, VNode } from 'preact';
import { Empty } from './empty.tsx';
import { gridKeys } from './grid-keys.ts';
import type { IconName } from './icons.tsx';
import { useKeptFocus } from './keep-focus.ts';

interface GridProps {
  columns: readonly string[];
  /** Columns that hold numbers. */
  numbers?: readonly string[];
  /** Columns that narrow windows do without; their cells have the class, too. */
  minor?: readonly string[];
  icon: IconName;
  children: readonly VNode[];
}

/** A table that the arrow keys walk; its last column holds the rows' buttons. Without rows the filter is to blame. */
export function Grid({ columns, numbers = [], minor = [], icon, children }: GridProps) {
  const kept = useKeptFocus();
  if (children.length === 0) return <Empty icon={icon} title="Nothing matches" />;
  return (
    <div class="list" onKeyDown={gridKeys} {...kept}>
      <table role="grid">
        <thead>
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                class={`${numbers.includes(name) ? 'number' : ''} ${minor.includes(name) ? 'minor' : ''}`}
              >
                {name}
              </th>
            ))}
            <th scope="col" class="actions">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>{children as ComponentChildren}</tbody>
      </table>
    </div>
  );
}
