/** What happened, as Docker's event stream words it. */
export interface EngineEvent {
  Type: 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder';
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

export interface EventPublisher {
  publish(event: EngineEvent): void;
}

/** An event with its time, as it goes over the wire. */
export interface TimedEvent extends EngineEvent {
  scope: 'local';
  /** Seconds since the epoch. */
  time: number;
  timeNano: bigint;
}
