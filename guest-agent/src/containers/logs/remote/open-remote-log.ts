import { SystemError } from '../../../api/index.ts';
import type { NanoClock } from '../../../clock.ts';
import { FluentdSender } from '../fluentd/fluentd-sender.ts';
import { GelfSender } from '../gelf/gelf-sender.ts';
import type { LogInfo } from '../log-info.ts';
import { lossyBytes } from '../log-settings.ts';
import type { LogWriter } from '../log-writer.ts';
import { SyslogSender } from '../syslog/syslog-sender.ts';
import type { LogSender } from './message.ts';
import { RemoteWriter, type RemoteWriterOptions } from './remote-writer.ts';

interface Remote extends Pick<RemoteWriterOptions, 'lossy' | 'closeTimeoutMs'> {
  sender: LogSender;
}

/** How long dockerd waits for a server when a container has ended. */
const closeTimeoutMs = 10_000;
const lossyCloseTimeoutMs = 2_000;
/** What is sent in the background holds nobody up, at the end neither. */
const asyncCloseTimeoutMs = 500;
const asyncBufferBytes = 16 * 1024 * 1024;
/** Short lines take more memory than their bytes say. */
const maxWaitingLines = 65_536;
const connectTimeoutMs = 60_000;

const drivers: Readonly<Record<string, (info: LogInfo) => Promise<Remote> | Remote>> = {
  syslog: async (info) => ({ sender: await SyslogSender.create(info), ...patience(info) }),
  gelf: (info) => ({ sender: new GelfSender(info), ...patience(info) }),
  fluentd,
  journald: () => {
    throw new SystemError('journald is not enabled on this host');
  },
};

/** Drivers that send lines to a server. journald is known, and says that there is none. */
export const remoteLogDrivers: readonly string[] = ['fluentd', 'gelf', 'syslog'];

export async function openRemoteLog(
  driver: string,
  info: LogInfo,
  options: Pick<RemoteWriterOptions, 'clock' | 'onError'> & {
    /** null: no cache is wanted. */
    openCache: () => LogWriter | null;
    connect: boolean;
    clock: NanoClock;
  },
): Promise<LogWriter> {
  const create = drivers[driver];
  if (!create) throw new SystemError(`logger: no log driver named '${driver}' is registered`);
  const remote = await create(info);
  if (options.connect) await remote.sender.open(AbortSignal.timeout(connectTimeoutMs));
  const { clock, onError } = options;
  return new RemoteWriter({ ...remote, cache: options.openCache(), clock, onError });
}

function patience({ options }: LogInfo): Pick<Remote, 'lossy' | 'closeTimeoutMs'> {
  const bytes = lossyBytes(options);
  if (bytes === null) return { lossy: null, closeTimeoutMs };
  return { lossy: { bytes, lines: maxWaitingLines }, closeTimeoutMs: lossyCloseTimeoutMs };
}

function fluentd(info: LogInfo): Remote {
  const sender = new FluentdSender(info);
  const { async, bufferLimit } = sender.options;
  if (!async) return { sender, ...patience(info) };
  const bytes = lossyBytes(info.options) ?? asyncBufferBytes;
  return {
    sender,
    lossy: { bytes, lines: Math.min(bufferLimit, maxWaitingLines) },
    closeTimeoutMs: asyncCloseTimeoutMs,
  };
}
