import { Icon } from '../parts/icons.tsx';
import { view, type ViewName } from '../state/view.ts';
import { MachineCard } from './machine-card.tsx';

export const viewLabels: Record<ViewName, string> = {
  containers: 'Containers',
  images: 'Images',
  volumes: 'Volumes',
  settings: 'Settings',
  engine: 'Engine',
  problems: 'Problems',
  log: 'Log',
};
const groups: readonly (readonly ViewName[])[] = [
  ['containers', 'images', 'volumes'],
  ['settings', 'engine', 'problems', 'log'],
];

export function Sidebar() {
  return (
    <nav class="sidebar" aria-label="Views">
      <div class="brand">berth</div>
      {groups.map((names) => (
        <ul key={names[0]}>
          {names.map((name) => (
            <li key={name}>
              <a href={`#${name}`} title={viewLabels[name]} aria-current={view.value === name ? 'page' : undefined}>
                <Icon name={name} />
                <span class="label">{viewLabels[name]}</span>
              </a>
            </li>
          ))}
        </ul>
      ))}
      <span class="space" />
      <MachineCard />
    </nav>
  );
}
