import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

/** In place of a list that has nothing in it. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}
