import { backend } from '../backend/choose.ts';
import { machine, onEvent } from './live.ts';
import { liveRows } from './rows.ts';

export const containers = liveRows({
  types: ['container'],
  list: () => backend.call('containers.list', {}),
  one: { read: async (id) => (await backend.call('containers.list', { id }))[0] ?? null, idOf: ({ id }) => id },
});

// Containers count, too: they use images and volumes.
export const images = liveRows({ types: ['image', 'container'], list: () => backend.call('images.list', {}) });
export const volumes = liveRows({ types: ['volume', 'container'], list: () => backend.call('volumes.list', {}) });

onEvent(containers.take);

/** 'Up 5 minutes' grows old without any event. */
const refreshMs = 15_000;
setInterval(() => {
  if (!document.hidden && machine.value?.state === 'running') containers.reload();
}, refreshMs);
