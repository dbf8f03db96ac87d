import type { TimedEvent } from './event.ts';

/** One line of GET /events; container and image events repeat themselves in the fields of older APIs. */
export function eventLine(event: TimedEvent): string {
  const legacy =
    event.Type === 'container'
      ? { status: event.Action, id: event.Actor.ID, from: event.Actor.Attributes['image'] ?? '' }
      : event.Type === 'image'
        ? { status: event.Action, id: event.Actor.ID }
        : {};
  const { Type, Action, Actor, scope, time } = event;
  const attributes = Object.fromEntries(Object.entries(Actor.Attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const head = JSON.stringify({
    ...legacy,
    Type,
    Action,
    Actor: { ID: Actor.ID, Attributes: attributes },
    scope,
    time,
  });
  // A number of nanoseconds does not fit a double.
  return `${head.slice(0, -1)},"timeNano":${event.timeNano}}\n`;
}
