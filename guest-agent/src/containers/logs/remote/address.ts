import { InvalidParameterError } from '../../../api/index.ts';

/** The parts of a log server's address that count. */
export interface Address {
  scheme: string;
  /** Host and port as written, a user's name in front taken off. */
  host: string;
  path: string;
}

/** 'scheme://host:port/path', with the errors of Go's net/url. */
export function parseAddress(text: string): Address {
  const fail = (why: string) => new InvalidParameterError(`parse ${JSON.stringify(text)}: ${why}`);
  if (text.startsWith(':')) throw fail('missing protocol scheme');
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)/.exec(text);
  if (!match) return { scheme: '', host: '', path: text };
  const host = (match[2] ?? '').replace(/^.*@/, '');
  const port = /:[^:\]]*$/.exec(host)?.[0];
  if (port !== undefined && !/^:\d*$/.test(port)) throw fail(`invalid port ${JSON.stringify(port)} after host`);
  return { scheme: (match[1] as string).toLowerCase(), host, path: match[3] ?? '' };
}

/** null where there is no port. '[::1]:5' → '::1' and '5'. */
export function splitHostPort(host: string): { host: string; port: string } | null {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(host);
  return match ? { host: match[1] ?? match[2] ?? '', port: match[3] as string } : null;
}

/** Decimal, up to 65535; null for anything else. */
export function portNumber(text: string): number | null {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65_535 ? port : null;
}
