import type { ComponentChildren } from 'preact';
import { gridKeys } from './grid-keys.ts';

/** A table that the arrow keys walk; its last column holds the rows' buttons. Columns named in `numbers` are numbers. */
export function Grid(props: { columns: readonly string[]; numbers?: readonly string[]; children: ComponentChildren }) {
  return (
    <div class="list" onKeyDown={gridKeys}>
      <table role="grid">
        <thead>
          <tr>
            {props.columns.map((name) => (
              <th key={name} scope="col" class={props.numbers?.includes(name) ? 'number' : undefined}>
                {name}
              </th>
            ))}
            <th scope="col" class="actions">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
