import type { LogLines, Output } from '@berth/daemon/api';
import { backend } from '../backend/choose.ts';
import { LineBuffer, type Line } from './line-buffer.ts';

/** A container's output, or berth's own logs. */
export type LogSource = { container: string } | { own: true };

interface Shown {
  lines: readonly Line[];
  total: number;
  /** Why nothing more comes; null: more may come. */
  ended: string | null;
}

const keptLines = 10_000;
const tail = 1000;

/**
 * Tells what there is to show, at most once a frame. A message is acknowledged when its frame was drawn: what comes
 * faster than it can be drawn waits with whoever writes it.
 */
export function followLog(source: LogSource, show: (shown: Shown) => void, signal: AbortSignal): void {
  const buffer = new LineBuffer(keptLines);
  let ended: string | null = null;
  const draw = () => {
    if (!signal.aborted) show({ lines: [...buffer.lines], total: buffer.total, ended });
  };
  const frames = new Frames(draw);
  const follow =
    'container' in source
      ? backend.follow('containers.logs', { id: source.container, tail }, { signal, onMessage: takeOutput })
      : backend.follow('logs', { tail }, { signal, onMessage: takeLines });
  const end = (reason: string) => {
    buffer.flush();
    ended = reason;
    draw();
  };
  follow.then(
    () => end('ended'),
    (error: Error) => end(error.message),
  );

  function takeOutput({ pieces }: Output): Promise<void> {
    for (const { stream, text } of pieces) buffer.append(stream, text);
    return frames.next();
  }

  function takeLines({ source: name, lines }: LogLines): Promise<void> {
    buffer.append(name, `${lines.join('\n')}\n`);
    return frames.next();
  }
}

/** Draws at most once a frame; a page that is not looked at has few of them. */
class Frames {
  readonly #draw: () => void;
  #pending: Promise<void> | null = null;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  next(): Promise<void> {
    this.#pending ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#pending = null;
        this.#draw();
        resolve();
      }, frameMs);
    });
    return this.#pending;
  }
}

const frameMs = 16;
