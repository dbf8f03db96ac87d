import type { Duplex } from 'node:stream';
import {
  answerType,
  type Attributes,
  attributes,
  packet,
  PacketReader,
  packetsIn,
  requestType,
  status,
  text,
  uint32,
  uint64,
} from '@berth/guest-agent/sftp';

/** An answer: its type, and a reader behind the request's id. */
export interface Answer {
  type: number;
  fields: PacketReader;
}

/** SFTP as a guest speaks it, one method for each request that a test makes. */
export class SftpClient {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    void this.#readAnswers();
  }

  ask(type: number, ...fields: Buffer[]): Promise<Answer> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#stream.write(packet(type, uint32(id), ...fields));
    return promise;
  }

  /** The code of a bare status, or the name of the host's error. */
  async status(type: number, ...fields: Buffer[]): Promise<number | string> {
    const answer = await this.ask(type, ...fields);
    return answer.type === answerType.status ? said(answer.fields) : -1;
  }

  async open(path: string, flags: number, given: Attributes = {}): Promise<Buffer> {
    const { type, fields } = await this.ask(requestType.open, text(path), uint32(flags), attributes(given));
    if (type !== answerType.handle) throw Object.assign(new Error('refused'), { status: said(fields) });
    return fields.bytes();
  }

  write(handle: Buffer, offset: number, data: string): Promise<number | string> {
    return this.status(requestType.write, text(handle), uint64(offset), text(data));
  }

  async read(handle: Buffer, offset: number, length: number): Promise<string | number> {
    const { type, fields } = await this.ask(requestType.read, text(handle), uint64(offset), uint32(length));
    return type === answerType.data ? fields.text() : said(fields);
  }

  async lstat(path: string): Promise<Attributes | number | string> {
    const { type, fields } = await this.ask(requestType.lstat, text(path));
    return type === answerType.attrs ? fields.attributes() : said(fields);
  }

  async list(path: string): Promise<string[]> {
    const opened = await this.ask(requestType.opendir, text(path));
    const handle = opened.fields.bytes();
    const names: string[] = [];
    for (;;) {
      const { type, fields } = await this.ask(requestType.readdir, text(handle));
      if (type !== answerType.name) break;
      for (let left = fields.uint32(); left > 0; left -= 1) {
        names.push(fields.text());
        fields.text();
        fields.attributes();
      }
    }
    await this.status(requestType.close, text(handle));
    return names.sort();
  }

  async #readAnswers(): Promise<void> {
    try {
      for await (const bytes of packetsIn(this.#stream)) {
        const fields = new PacketReader(bytes);
        const type = fields.uint8();
        const id = fields.uint32();
        this.#waiting.get(id)?.({ type, fields });
        this.#waiting.delete(id);
      }
    } catch {
      // The test ends the stream.
    }
  }
}

function said(fields: PacketReader): number | string {
  const code = fields.uint32();
  return code === status.system ? fields.text() : code;
}
