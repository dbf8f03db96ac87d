import { readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { InvalidParameterError, SystemError } from '../../../api/index.ts';
import { parseAddress, portNumber, splitHostPort } from '../remote/address.ts';
import type { Endpoint, TlsOptions } from '../remote/endpoint.ts';

type Options = Readonly<Record<string, string>>;

const defaultPort = '514';
const formats = ['rfc3164', 'rfc5424', 'rfc5424micro'] as const;

/** '' is what a local syslog understands: no host name. */
export type SyslogFormat = (typeof formats)[number] | '';

const facilities = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp',
  '', '', '', '', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
]; // prettier-ignore

/** `syslog-address` as written; null: the machine's own syslog. */
interface SyslogAddress {
  scheme: 'unix' | 'unixgram' | 'udp' | 'tcp' | 'tcp+tls';
  /** A path, or host and port. */
  target: string;
}

export function validateSyslog(options: Options): void {
  syslogAddress(options);
  syslogFacility(options);
  syslogFormat(options);
}

export function syslogAddress({ 'syslog-address': text = '' }: Options): SyslogAddress | null {
  if (text === '') return null;
  const { scheme, host, path } = parseAddress(text);
  if (scheme === 'unix' || scheme === 'unixgram') {
    const exists = statSync(path, { throwIfNoEntry: false });
    if (!exists) throw new InvalidParameterError(`stat ${path}: no such file or directory`);
    return { scheme, target: path };
  }
  if (scheme !== 'udp' && scheme !== 'tcp' && scheme !== 'tcp+tls')
    throw new InvalidParameterError(`unsupported scheme: '${scheme}'`);
  return { scheme, target: splitHostPort(host) ? host : `${host}:${defaultPort}` };
}

/** null: the machine's own syslog. */
export async function syslogEndpoint(options: Options): Promise<Endpoint | null> {
  const address = syslogAddress(options);
  if (!address) return null;
  const { scheme, target } = address;
  if (scheme === 'unix' || scheme === 'unixgram') return { network: scheme, path: target };
  const { host, port: portText } = splitHostPort(target) as { host: string; port: string };
  const port = portNumber(portText || '0');
  const network = scheme === 'udp' ? 'udp' : 'tcp';
  if (port === null) throw new SystemError(`dial ${network}: address ${portText}: invalid port`);
  const at = { host: host || 'localhost', port };
  return scheme === 'tcp+tls' ? { network: 'tls', ...at, tls: await tlsOptions(options) } : { network, ...at };
}

/** The number that syslog has for it, 0 to 23. */
export function syslogFacility({ 'syslog-facility': text = '' }: Options): number {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : facilities.indexOf(text || 'daemon');
  if (number < 0 || number > 23) throw new InvalidParameterError('invalid syslog facility');
  return number;
}

export function syslogFormat({ 'syslog-format': text = '' }: Options): SyslogFormat {
  const format = formats.find((known) => known === text);
  if (text === '') return '';
  if (format === undefined) throw new InvalidParameterError('Invalid syslog format');
  return format;
}

async function tlsOptions(options: Options): Promise<TlsOptions> {
  const {
    'syslog-tls-ca-cert': ca,
    'syslog-tls-cert': cert,
    'syslog-tls-key': key,
    'syslog-tls-skip-verify': skip,
  } = options;
  return {
    verify: skip === undefined,
    ...(ca && { ca: await readPem('CA certificate', ca) }),
    ...(cert && { cert: await readPem('X509 key pair', cert) }),
    ...(key && { key: await readPem('X509 key pair', key) }),
  };
}

async function readPem(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : String(error);
    throw new InvalidParameterError(`could not read ${what} "${file}": open ${file}: ${why}`, { cause: error });
  }
}
