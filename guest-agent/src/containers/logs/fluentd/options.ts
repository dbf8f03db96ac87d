import { InvalidParameterError } from '../../../api/index.ts';
import { parseAddress, portNumber, splitHostPort } from '../remote/address.ts';
import { parseDurationMs } from '../../../text/go-duration.ts';
import type { StreamEndpoint } from '../remote/endpoint.ts';
import { parseBoolText, parseSizeText } from '../../../text/size-text.ts';

type Options = Readonly<Record<string, string>>;

export interface FluentdOptions {
  endpoint: StreamEndpoint;
  /** Connect and send in the background; what does not fit into the buffer is lost. */
  async: boolean;
  /** Asynchronous: connect anew when the connection is older; 0: never. */
  reconnectIntervalMs: number;
  /** Asynchronous: how many messages may wait. */
  bufferLimit: number;
  retryWaitMs: number;
  maxRetries: number;
  /** Times carry nanoseconds. */
  subSecondPrecision: boolean;
  /** Each message is sent again until the server confirms it. */
  requestAck: boolean;
  /** 0: no limit. */
  writeTimeoutMs: number;
}

const endless = 2 ** 31 - 1;
const [minReconnectMs, maxReconnectMs] = [100, 10_000];

export function fluentdOptions(options: Options): FluentdOptions {
  const text = (name: string, standard: string): string => options[`fluentd-${name}`] || standard;
  const address = options['fluentd-address'] ?? '';
  return {
    endpoint: named(`invalid fluentd-address (${address})`, () => endpointOf(address)),
    bufferLimit: parseSizeText(text('buffer-limit', '1m'), 1024),
    retryWaitMs: parseDurationMs(text('retry-wait', '1s')),
    maxRetries: maxRetries(text('max-retries', String(endless))),
    async: parseBoolText(text('async', 'false')),
    reconnectIntervalMs: reconnectInterval(text('async-reconnect-interval', '0')),
    subSecondPrecision: parseBoolText(text('sub-second-precision', 'false')),
    requestAck: parseBoolText(text('request-ack', 'false')),
    writeTimeoutMs: writeTimeout(text('write-timeout', '0')),
  };
}

function endpointOf(text: string): StreamEndpoint {
  const { scheme, host: where, path } = parseAddress(text.includes('://') ? text : `tcp://${text}`);
  if (scheme === 'unix') {
    if (path.replace(/^\/+/, '') === '') throw new InvalidParameterError('path is empty');
    return { network: 'unix', path };
  }
  if (scheme !== 'tcp' && scheme !== 'tls') throw new InvalidParameterError(`unsupported scheme: '${scheme}'`);
  if (path !== '') throw new InvalidParameterError('should not contain a path element');
  const parts = splitHostPort(where) ?? { host: where, port: '' };
  const port = portNumber(parts.port || '24224');
  if (port === null) {
    throw new InvalidParameterError(
      `invalid port: strconv.ParseUint: parsing ${JSON.stringify(parts.port)}: value out of range`,
    );
  }
  const at = { host: parts.host || '127.0.0.1', port };
  return scheme === 'tls' ? { network: 'tls', ...at, tls: { verify: true } } : { network: 'tcp', ...at };
}

function maxRetries(text: string): number {
  const fail = (why: string) => new InvalidParameterError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^\d+$/.test(text)) throw fail('invalid syntax');
  if (Number(text) >= 2 ** 32) throw fail('value out of range');
  if (Number(text) > endless) throw new InvalidParameterError('invalid fluentd-max-retries: value out of range');
  // fluentd's own client takes 0 for "not said".
  return Number(text) || 13;
}

function reconnectInterval(text: string): number {
  const key = 'fluentd-async-reconnect-interval';
  const ms = named(`invalid value for ${key}`, () => parseDurationMs(text));
  if (ms !== 0 && (ms < minReconnectMs || ms > maxReconnectMs)) {
    throw new InvalidParameterError(`invalid value for ${key}: value (${JSON.stringify(text)}) must be between 100ms and 10s`); // prettier-ignore
  }
  return ms;
}

function writeTimeout(text: string): number {
  const prefix = 'invalid value for fluentd-write-timeout: value must be a duration';
  const ms = named(prefix, () => parseDurationMs(text));
  if (ms < 0) throw new InvalidParameterError(`${prefix} that is non-negative`);
  return ms;
}

function named<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidParameterError(`${prefix}: ${(error as Error).message}`, { cause: error });
  }
}
