import { signal } from '@preact/signals';
import type { ControlEvent, MachineStatus } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';

/** null: not known yet. */
export const machine = signal<MachineStatus | null>(null);
/** What the start that goes on is doing; null: none goes on. */
export const phase = signal<string | null>(null);
/** Why nothing new can be known; null: the daemon is there. */
export const disconnected = signal<string | null>(null);

/** Counts how often the daemon was lost and found again: what was followed before has to be followed anew. */
export const reconnections = signal(0);

type Listener = (event: ControlEvent) => void;
const listeners = new Set<Listener>();
const reconnectMs = 1000;

/** Calls the listener for every event from now on. Returns what ends that. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows the daemon for as long as the page is there, across its ends and starts. */
export async function followDaemon(): Promise<never> {
  for (;;) {
    try {
      await backend.follow('events', {}, { onMessage: take, signal: new AbortController().signal });
      disconnected.value = 'the daemon has ended';
    } catch (error) {
      disconnected.value = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, reconnectMs));
  }
}

function take(event: ControlEvent): void {
  const wasAway = disconnected.value !== null;
  disconnected.value = null;
  if (event.kind === 'status') machine.value = event.status;
  if (event.kind === 'status' && event.status.state !== 'starting') phase.value = null;
  if (event.kind === 'progress') phase.value = event.phase;
  for (const listener of listeners) listener(event);
  if (!wasAway) return;
  reconnections.value += 1;
  for (const listener of listeners) listener({ kind: 'lost' });
}
