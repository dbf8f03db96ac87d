import type { EngineEvent } from '../events/event.ts';
import type { Container } from './container.ts';

/** Docker's attributes: the labels, then what identifies the container, then what the action adds. */
export function containerEvent(container: Container, action: string, extra: Record<string, string> = {}): EngineEvent {
  const { config, name } = container.record;
  return {
    Type: 'container',
    Action: action,
    Actor: { ID: container.id, Attributes: { ...config.Labels, image: config.Image, name, ...extra } },
  };
}
