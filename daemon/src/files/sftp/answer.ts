import type { StatsFs } from 'node:fs';
import {
  answerType,
  type Attributes,
  attributes,
  BadMessageError,
  extensions,
  packet,
  protocolVersion,
  status,
  text,
  uint32,
  uint64,
} from '@berth/guest-agent/sftp';
import { BadHandleError } from './handles.ts';

/** What this server is and can. */
export function versionPacket(): Buffer {
  const pairs = Object.entries(extensions).flatMap(([name, version]) => [text(name), text(version)]);
  return packet(answerType.version, uint32(protocolVersion), ...pairs);
}

/** Answers to one request. */
export class Answers {
  readonly #id: Buffer;

  constructor(requestId: number) {
    this.#id = uint32(requestId);
  }

  status(code: number, message = ''): Buffer {
    return packet(answerType.status, this.#id, uint32(code), text(message), text(''));
  }

  handle(handle: Buffer): Buffer {
    return packet(answerType.handle, this.#id, text(handle));
  }

  opened({ handle, attributes: its, content }: { handle: Buffer; attributes: Attributes; content: Buffer }): Buffer {
    return packet(answerType.extended, this.#id, text(handle), attributes(its), text(content));
  }

  data(bytes: Buffer): Buffer {
    if (bytes.length === 0) return this.status(status.eof);
    return packet(answerType.data, this.#id, uint32(bytes.length), bytes);
  }

  attributes(found: Attributes): Buffer {
    return packet(answerType.attrs, this.#id, attributes(found));
  }

  names(entries: readonly { name: string; attributes: Attributes }[]): Buffer {
    if (entries.length === 0) return this.status(status.eof);
    // The long name is for people who read listings; nobody does.
    const listed = entries.flatMap((entry) => [text(entry.name), text(entry.name), attributes(entry.attributes)]);
    return packet(answerType.name, this.#id, uint32(entries.length), ...listed);
  }

  space({ bsize, blocks, bfree, bavail, files, ffree }: StatsFs): Buffer {
    const fields = [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0, 0, longestNameBytes];
    return packet(answerType.extended, this.#id, ...fields.map(uint64));
  }

  failure(error: unknown): Buffer {
    if (error instanceof BadMessageError) return this.status(status.badMessage, error.message);
    if (error instanceof BadHandleError) return this.status(status.badHandle, error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    return isSystemError(code) ? this.status(status.system, code) : this.status(status.failure, message);
  }
}

const longestNameBytes = 255;

const isSystemError = (code: string | undefined): code is string => code !== undefined && /^E[A-Z0-9]+$/.test(code);
