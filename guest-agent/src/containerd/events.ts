import { typeNameOf } from './any.ts';
import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import {
  TaskCreate,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
  TaskOOM,
  TaskPaused,
  TaskResumed,
  TaskStart,
} from '../gen/containerd/events/task.ts';
import { EventsDefinition } from '../gen/containerd/services/events.ts';
import type { Envelope } from '../gen/containerd/types/event.ts';
import type { Timestamp } from '../gen/google/protobuf/timestamp.ts';

const types = {
  TaskCreate,
  TaskStart,
  TaskDelete,
  TaskExit,
  TaskOOM,
  TaskExecAdded,
  TaskExecStarted,
  TaskPaused,
  TaskResumed,
};

type EventTypes = typeof types;
type Decoded = { [K in keyof EventTypes]: { type: K; event: ReturnType<EventTypes[K]['decode']> } }[keyof EventTypes];

/** `event` is the message named by `type`. */
export type TaskEvent = Decoded & { timestamp: Timestamp | undefined };

const prefix = 'containerd.events.';

/** Undefined for kinds that berth does not know, which newer containerds may add. */
export function decodeEvent({ event, timestamp }: Envelope): TaskEvent | undefined {
  if (!event) return undefined;
  const name = typeNameOf(event);
  if (!name.startsWith(prefix)) return undefined;
  const type = name.slice(prefix.length) as keyof EventTypes;
  const codec = types[type];
  return codec && ({ type, event: codec.decode(event.value), timestamp } as TaskEvent);
}

export function eventsClient(connection: Connection) {
  const events = connection.service(EventsDefinition);
  return {
    /**
     * Task events of our namespace from now on, in order. containerd does not say when a subscription has begun
     * and keeps no history: whoever needs certainty subscribes first and then looks at the tasks.
     * Ends with {@link UnavailableError} when containerd goes away.
     */
    async *subscribeTasks(options?: CallOptions): AsyncGenerator<TaskEvent, void, void> {
      const filter = `namespace==${connection.namespace},topic~=^/tasks/`;
      for await (const envelope of events.serverStream('subscribe', { filters: [filter] }, options)) {
        const event = decodeEvent(envelope);
        if (event) yield event;
      }
    },
  };
}

export type EventsClient = ReturnType<typeof eventsClient>;
