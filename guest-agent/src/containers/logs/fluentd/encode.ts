import { randomBytes } from 'node:crypto';
import { Encoder, ExtData } from '@msgpack/msgpack';
import type { LogMessage } from '../remote/message.ts';

export interface FluentdContext {
  tag: string;
  /** What all messages of a container say besides their text. */
  fields: Readonly<Record<string, string>>;
  subSecondPrecision: boolean;
}

export interface FluentdEvent {
  bytes: Uint8Array;
  /** What the server's confirmation names; null: none is asked for. */
  chunk: string | null;
}

const encoder = new Encoder();
const eventTimeType = 0;

/** An event of the forward protocol's message mode: [tag, time, record, options]. */
export function fluentdEvent(message: LogMessage, context: FluentdContext, acknowledged: boolean): FluentdEvent {
  const chunk = acknowledged ? randomBytes(16).toString('base64') : null;
  const { stream, line, partial, timeNs } = message;
  const record = {
    source: stream,
    log: line.toString('utf8'),
    ...context.fields,
    ...(partial && {
      partial_message: 'true',
      partial_id: partial.id,
      partial_ordinal: String(partial.ordinal),
      partial_last: String(partial.last),
    }),
  };
  const time = context.subSecondPrecision ? eventTime(timeNs) : Number(timeNs / 1_000_000_000n);
  return { bytes: encoder.encode([context.tag, time, record, chunk === null ? {} : { chunk }]), chunk };
}

/** fluentd's EventTime: seconds and nanoseconds, 32 bits each. */
function eventTime(ns: bigint): ExtData {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Number(ns / 1_000_000_000n), 0);
  bytes.writeUInt32BE(Number(ns % 1_000_000_000n), 4);
  return new ExtData(eventTimeType, bytes);
}
