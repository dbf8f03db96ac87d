import type { EngineEvent } from '../events/event.ts';
import type { NetworkRecord } from './network.ts';

/** `container`: whom connect and disconnect are about. */
export function networkEvent(
  network: NetworkRecord,
  action: 'create' | 'connect' | 'disconnect' | 'destroy',
  container?: string,
): EngineEvent {
  const Attributes = { ...(container !== undefined && { container }), name: network.name, type: network.driver };
  return { Type: 'network', Action: action, Actor: { ID: network.id, Attributes } };
}
