import { openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { pollDevice } from '../storage/polled-device.ts';

/** The port gives a page at a time: what has come by then is handed on together. */
const pageBytes = 4096;
const gatheredBytes = 32 * pageBytes;

/** Bytes to and from the other end of a port of the hypervisor's. It ends when nobody is at the other end. */
export class PortStream extends Duplex {
  readonly #device: Socket;
  #gathered: Buffer[] = [];
  #handOn: NodeJS.Immediate | null = null;

  /** Throws when the device is not there, or somebody else has it. */
  constructor(file: string) {
    super({ readableHighWaterMark: gatheredBytes });
    const buffer = Buffer.allocUnsafe(pageBytes);
    this.#device = pollDevice(openSync(file, 'r+'), { buffer, onRead: (bytes) => this.#gather(bytes) });
    this.#device.on('error', (error) => this.destroy(error));
    this.#device.on('end', () => this.#end());
    this.#device.on('close', () => this.destroy());
    this.#device.resume();
  }

  override _read(): void {
    this.#device.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#device.write(chunk, done);
  }

  /** Every write of the device's is a turn of the hypervisor: small ones go together. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#device.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#handOn) clearImmediate(this.#handOn);
    this.#device.destroy();
    done(error);
  }

  #gather(bytes: Buffer): void {
    this.#gathered.push(Buffer.from(bytes));
    this.#handOn ??= setImmediate(() => this.#push());
  }

  #push(): void {
    if (this.#handOn) clearImmediate(this.#handOn);
    this.#handOn = null;
    const [first, ...rest] = this.#gathered;
    this.#gathered = [];
    if (first && !this.push(rest.length === 0 ? first : Buffer.concat([first, ...rest]))) this.#device.pause();
  }

  #end(): void {
    this.#push();
    this.push(null);
  }
}
