import { InvalidParameterError } from '../../../api/index.ts';
import { parseAddress, portNumber, splitHostPort } from '../remote/address.ts';

type Options = Readonly<Record<string, string>>;

export interface GelfOptions {
  network: 'tcp' | 'udp';
  host: string;
  port: number;
  compression: 'gzip' | 'zlib' | 'none';
  /** -1 to 9, as zlib counts. */
  level: number;
  /** TCP: how many times a message is tried again, each time over a new connection. */
  maxReconnect: number;
  reconnectDelayMs: number;
}

const count = (text: string): number => (/^\+?\d+$/.test(text) ? Number(text) : Number.NaN);

export function gelfOptions(options: Options): GelfOptions {
  const { network, host, port } = gelfAddress(options['gelf-address'] ?? '');
  const { 'gelf-compression-type': type, 'gelf-compression-level': level } = options;
  const { 'gelf-tcp-max-reconnect': reconnects, 'gelf-tcp-reconnect-delay': delay } = options;
  if (network === 'tcp' && (type ?? level) !== undefined)
    throw new InvalidParameterError('compression is only supported on UDP');
  for (const [name, value] of [
    ['gelf-tcp-max-reconnect', reconnects],
    ['gelf-tcp-reconnect-delay', delay],
  ] as const) {
    // prettier-ignore
    if (value === undefined) continue;
    if (network !== 'tcp') throw new InvalidParameterError(`"${name}" is only valid for TCP`);
    if (Number.isNaN(count(value))) throw new InvalidParameterError(`"${name}" must be a positive integer`);
  }
  return {
    ...{ network, host, port },
    compression: compressionType(type),
    level: compressionLevel(level),
    maxReconnect: count(reconnects ?? '3'),
    reconnectDelayMs: count(delay ?? '1') * 1000,
  };
}

function gelfAddress(text: string): { network: 'tcp' | 'udp'; host: string; port: number } {
  if (text === '') throw new InvalidParameterError('gelf-address is a required parameter');
  const { scheme, host: where } = parseAddress(text);
  if (scheme !== 'udp' && scheme !== 'tcp') throw new InvalidParameterError('gelf: endpoint needs to be TCP or UDP');
  const parts = splitHostPort(where);
  const port = parts && portNumber(parts.port);
  if (!parts || port === null)
    throw new InvalidParameterError('gelf: please provide gelf-address as proto://host:port');
  return { network: scheme, host: parts.host || 'localhost', port };
}

const unknownValue = (value: string, name: string) =>
  new InvalidParameterError(`unknown value ${JSON.stringify(value)} for log opt ${JSON.stringify(name)} for gelf log driver`); // prettier-ignore

function compressionType(type = 'gzip'): GelfOptions['compression'] {
  if (type === 'gzip' || type === 'zlib' || type === 'none') return type;
  throw unknownValue(type, 'gelf-compression-type');
}

function compressionLevel(text = '1'): number {
  const level = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (level >= -1 && level <= 9) return level;
  throw unknownValue(text, 'gelf-compression-level');
}
