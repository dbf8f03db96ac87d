import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlEvent } from '../api/streams.ts';
import type { EngineClient } from '../engine/engine-client.ts';

interface EngineEvent {
  Type?: string;
  Action?: string;
  Actor?: { ID?: string };
}

const retryMs = 1000;
/** Health checks and shells: what changes nothing that is listed. */
const silent = /^(exec_|top$|resize$|attach$)/;

/**
 * Tells the engine's events for as long as it can be asked, `lost` after every interruption. Ends with the signal;
 * rejects with nothing but the signal's reason.
 */
export async function watchEngine(
  engine: EngineClient,
  tell: (event: ControlEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    // A machine that does not run, or one that has just ended: asked again until somebody says it is over.
    await tellEvents(engine, tell, signal).catch(() => undefined);
    await delay(retryMs, undefined, { signal });
  }
}

async function tellEvents(
  engine: EngineClient,
  tell: (event: ControlEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const answer = await engine.open({ path: '/events', signal });
  tell({ kind: 'lost' });
  for await (const line of createInterface({ input: answer })) {
    const { Type: type = '', Action: action = '', Actor } = JSON.parse(line) as EngineEvent;
    if (!silent.test(action)) tell({ kind: 'engine', type, action, id: Actor?.ID ?? '' });
  }
}
