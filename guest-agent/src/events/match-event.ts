import { hasLabel, type Filters } from '../api/engine/filters.ts';
import type { TimedEvent } from './event.ts';

/** Whether an event passes the filters of GET /events; a filter that it does not know lets everything pass, as dockerd's. */
export function matchesEvent(event: TimedEvent, filters: Filters): boolean {
  const { ID: id, Attributes: attributes } = event.Actor;
  const oneOf = (name: string, test: (value: string) => boolean) => !filters.has(name) || filters.get(name).some(test);
  const names = (type: TimedEvent['Type']) => (value: string) =>
    event.Type === type && (id === value || attributes['name'] === value || id.startsWith(value));
  return (
    // `exec_start: sh -c true` is asked for as exec_start, `health_status: healthy` as health_status.
    oneOf('event', (value) => event.Action === value || event.Action.split(':')[0] === value) &&
    oneOf('type', (value) => event.Type === value) &&
    oneOf('scope', (value) => event.scope === value) &&
    oneOf('container', names('container')) &&
    oneOf('network', names('network')) &&
    oneOf('volume', names('volume')) &&
    oneOf('daemon', names('daemon')) &&
    oneOf('image', (value) => matchesImage(event, value)) &&
    filters.get('label').every((label) => hasLabel(attributes, label))
  );
}

/** An image filter also finds the events of containers made from it. */
function matchesImage(event: TimedEvent, value: string): boolean {
  const candidates =
    event.Type === 'image' ? [event.Actor.ID, event.Actor.Attributes['name']] : [event.Actor.Attributes['image']];
  return candidates.some((name) => name !== undefined && (name === value || withoutTag(name) === value));
}

const withoutTag = (name: string): string => name.replace(/:[^:/]*$/, '');
