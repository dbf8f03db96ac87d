import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import { SystemError } from '../../../api/index.ts';
import type { LogInfo } from '../log-info.ts';
import { addressText } from '../remote/endpoint.ts';
import type { LogMessage, LogSender } from '../remote/message.ts';
import { StreamTransport } from '../remote/stream-transport.ts';
import type { Transport } from '../remote/transport.ts';
import { UdpTransport } from '../remote/udp-transport.ts';
import { gelfDatagrams, gelfFields, gelfMessage, type GelfContext } from './message.ts';
import { gelfOptions, type GelfOptions } from './options.ts';

const zero = Buffer.from([0]);
const packers = { gzip: promisify(gzip), zlib: promisify(deflate) };

/** Docker's log driver `gelf`: Graylog's format over UDP (compressed, in chunks) or TCP. Empty lines are left out. */
export class GelfSender implements LogSender {
  readonly #options: GelfOptions;
  readonly #context: GelfContext;
  readonly #transport: Transport;

  constructor(info: LogInfo) {
    const options = gelfOptions(info.options);
    const { host, port, maxReconnect: attempts, reconnectDelayMs: delayMs } = options;
    this.#options = options;
    this.#context = { hostname: info.hostname, fields: gelfFields(info) };
    this.#transport =
      options.network === 'udp'
        ? new UdpTransport({ network: 'udp', host, port })
        : new StreamTransport({ network: 'tcp', host, port }, { attempts, delayMs });
  }

  async open(signal: AbortSignal): Promise<void> {
    try {
      await this.#transport.open(signal);
    } catch (error) {
      const { message } = error as Error;
      const where = addressText({ ...this.#options });
      throw new SystemError(`gelf: cannot connect to GELF endpoint: ${where} ${message}`, { cause: error });
    }
  }

  async send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void> {
    const lines = messages.filter(({ line }) => line.length > 0).map((message) => gelfMessage(message, this.#context));
    if (lines.length === 0) return;
    const payloads = this.#options.network === 'tcp' ? lines.map(terminated) : await this.#packed(lines);
    await this.#transport.send(payloads, signal);
    if (payloads.length === 0) throw new SystemError('gelf: message is too large');
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #packed(lines: Buffer[]): Promise<Buffer[]> {
    const { compression, level } = this.#options;
    const pack = compression === 'none' ? null : packers[compression];
    const packed = pack ? await Promise.all(lines.map((line) => pack(line, { level }))) : lines;
    return packed.flatMap(gelfDatagrams);
  }
}

const terminated = (line: Buffer): Buffer => Buffer.concat([line, zero]);
