import type { LogInfo } from '../log-info.ts';
import { idTemplate, logTag } from '../tag/log-tag.ts';
import type { LogMessage, LogSender } from '../remote/message.ts';
import type { Transport } from '../remote/transport.ts';
import { syslogMessage, type SyslogHeader } from './format.ts';
import { syslogEndpoint, syslogFacility, syslogFormat } from './options.ts';
import { localSyslog, syslogTransport } from './transports.ts';

/** Docker's log driver `syslog`. Empty lines are left out. */
export class SyslogSender implements LogSender {
  readonly #transport: Transport;
  readonly #header: SyslogHeader;

  static async create(info: LogInfo): Promise<SyslogSender> {
    const { options, hostname } = info;
    const tag = logTag(info, idTemplate);
    const endpoint = await syslogEndpoint(options);
    const format = syslogFormat(options);
    const framed = endpoint?.network === 'tls' && format.startsWith('rfc5424');
    const header = { format, tag, hostname, framed, facility: syslogFacility(options) };
    return new SyslogSender(endpoint ? syslogTransport(endpoint) : await localSyslog(), header);
  }

  private constructor(transport: Transport, header: SyslogHeader) {
    this.#transport = transport;
    this.#header = header;
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#transport.open(signal);
  }

  async send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void> {
    const lines = messages.filter(({ line }) => line.length > 0);
    if (lines.length === 0) return;
    await this.#transport.send(lines.map((message) => syslogMessage(message, this.#header)), signal); // prettier-ignore
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }
}
