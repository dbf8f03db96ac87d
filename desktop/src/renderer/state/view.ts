import { signal } from '@preact/signals';

export const viewNames = ['containers', 'images', 'volumes', 'settings', 'engine', 'problems', 'log'] as const;
export type ViewName = (typeof viewNames)[number];

const fromAddress = (): ViewName => viewNames.find((name) => `#${name}` === location.hash) ?? 'containers';

/** What is shown; part of the address, so that reload and back do what they should. */
export const view = signal<ViewName>(fromAddress());
addEventListener('hashchange', () => (view.value = fromAddress()));
