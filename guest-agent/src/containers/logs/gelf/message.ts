import { randomBytes } from 'node:crypto';
import { extraAttributes } from '../log-attributes.ts';
import { commandOf, type LogInfo } from '../log-info.ts';
import type { LogMessage } from '../remote/message.ts';
import { idTemplate, logTag } from '../tag/log-tag.ts';

const errorLevel = 3;
const infoLevel = 6;

/** What all messages of a container say besides their text. */
export function gelfFields(info: LogInfo): Record<string, string> {
  const underscored = (name: string) => (name.startsWith('_') ? name : `_${name}`);
  return {
    _command: commandOf(info),
    _container_id: info.id,
    _container_name: info.name,
    _created: info.created,
    _image_id: info.imageId,
    _image_name: info.imageName,
    _tag: logTag(info, idTemplate),
    ...Object.fromEntries(extraAttributes(info, underscored)),
  };
}

export function gelfMessage({ stream, timeNs, line }: LogMessage, about: GelfContext): Buffer {
  return Buffer.from(
    JSON.stringify({
      version: '1.1',
      host: about.hostname,
      short_message: line.toString('utf8'),
      timestamp: Number(timeNs / 1_000_000n) / 1000,
      level: stream === 'stderr' ? errorLevel : infoLevel,
      ...about.fields,
    }),
  );
}

export interface GelfContext {
  hostname: string;
  fields: Readonly<Record<string, string>>;
}

const chunkBytes = 1420;
const chunkHeaderBytes = 12;
const maxChunks = 128;

/** Datagrams for a message; none for one that is too long for GELF. */
export function gelfDatagrams(message: Buffer): Buffer[] {
  if (message.length <= chunkBytes) return [message];
  const dataBytes = chunkBytes - chunkHeaderBytes;
  const count = Math.ceil(message.length / dataBytes);
  if (count > maxChunks) return [];
  const id = randomBytes(8);
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      id,
      Buffer.from([i, count]),
      message.subarray(i * dataBytes, (i + 1) * dataBytes),
    ]),
  );
}
