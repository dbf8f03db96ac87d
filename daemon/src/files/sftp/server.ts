import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { PacketReader, packetsIn, requestType, status } from '@berth/guest-agent/sftp';
import type { SharedFolder } from '../shared-folder.ts';
import { Answers, versionPacket } from './answer.ts';
import { Handles } from './handles.ts';
import { handlers } from './requests.ts';

/** So many requests are worked on at once; no more are read meanwhile. */
const maxInFlight = 64;

/** What changes nothing goes on beside its like. */
const harmless: ReadonlySet<number> = new Set([
  requestType.read,
  requestType.lstat,
  requestType.stat,
  requestType.fstat,
]);

/**
 * Serves SFTP version 3 on a stream until it ends or breaks, and then closes what was open. Every request sees what the
 * ones before it did. Resolves when all is closed; never rejects.
 */
export async function serveSftp(stream: Duplex, folder: SharedFolder): Promise<void> {
  const handles = new Handles(folder);
  const server = new SftpServer(stream, folder, handles);
  stream.on('error', () => stream.destroy());
  try {
    for await (const packet of packetsIn(stream)) await server.take(packet);
  } catch {
    // It broke, or says what nobody can understand: with either there is nothing left to say.
  } finally {
    await server.idle();
    await handles[Symbol.asyncDispose]();
    stream.destroy();
  }
}

class SftpServer {
  readonly #stream: Duplex;
  readonly #folder: SharedFolder;
  readonly #handles: Handles;
  readonly #inFlight = new Set<Promise<void>>();
  /** Of the last request that changes something. */
  #changed: Promise<unknown> = Promise.resolve();
  readonly #closed = new AbortController();

  constructor(stream: Duplex, folder: SharedFolder, handles: Handles) {
    this.#stream = stream;
    this.#folder = folder;
    this.#handles = handles;
    stream.once('close', () => this.#closed.abort());
  }

  /** Resolves when the next one may be read. */
  async take(packet: Buffer): Promise<void> {
    const fields = new PacketReader(packet);
    const type = fields.uint8();
    if (type === requestType.init) return await this.#send(versionPacket());
    const answer = new Answers(fields.uint32());
    const isHarmless = harmless.has(type);
    const before = isHarmless ? this.#changed : Promise.all(this.#inFlight);
    const work = before.then(() => this.#answer(type, fields, answer));
    if (!isHarmless) this.#changed = work;
    this.#inFlight.add(work);
    void work.finally(() => this.#inFlight.delete(work));
    if (this.#inFlight.size >= maxInFlight) await Promise.race(this.#inFlight);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async #answer(type: number, fields: PacketReader, answer: Answers): Promise<void> {
    const handler = handlers[type];
    if (!handler) return await this.#send(answer.status(status.unsupported, `no such request: ${type}`));
    const asked = { folder: this.#folder, handles: this.#handles, fields, answer };
    await this.#send(await handler(asked).catch((error: unknown) => answer.failure(error)));
  }

  /** A client that reads no answers gets no more of its requests read. */
  async #send(packet: Buffer): Promise<void> {
    if (this.#stream.destroyed || this.#stream.write(packet)) return;
    await once(this.#stream, 'drain', { signal: this.#closed.signal }).catch(() => undefined);
  }
}
