import type { MachineStatus } from './status.ts';

/** What the daemon pushes. `lost`: something may have been missed, so read anew what is shown. */
export type ControlEvent =
  | { kind: 'status'; status: MachineStatus }
  | { kind: 'progress'; phase: string; atMs: number }
  | { kind: 'engine'; type: string; action: string; id: string }
  | { kind: 'lost' };

/** Lines of one of berth's own logs. */
export interface LogLines {
  /** 'daemon', 'agent', 'console', … */
  source: string;
  lines: readonly string[];
}

/** A piece of a container's output; lines may be cut anywhere. */
export interface OutputPiece {
  stream: 'stdout' | 'stderr';
  text: string;
}

export interface Output {
  pieces: readonly OutputPiece[];
}

/**
 * What can be followed over WebSocket. Each message has to be acknowledged by an {@link acknowledgement}: the daemon is
 * never more than {@link unacknowledgedLimit} messages ahead, whatever there is to tell.
 */
export const streams = {
  events: '/v1/events',
  logs: '/v1/logs',
  'containers.logs': '/v1/containers/logs',
} as const;

export const acknowledgement = 'ok';
export const unacknowledgedLimit = 8;

export type StreamName = keyof typeof streams;

export interface StreamTypes {
  events: { request: Record<string, never>; message: ControlEvent };
  /** `tail`: how many lines of each log come first. */
  logs: { request: { tail: number }; message: LogLines };
  /** Ends when the container does. */
  'containers.logs': { request: { id: string; tail: number }; message: Output };
}

export type StreamRequest<Name extends StreamName> = StreamTypes[Name]['request'];
export type StreamMessage<Name extends StreamName> = StreamTypes[Name]['message'];
