/** What a registry asks for in `WWW-Authenticate`. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  realm: string;
  service: string;
  scope: string;
  error: string;
}

const parameter = /([a-zA-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** Undefined when there is no challenge that a registry client knows. */
export function parseChallenge(header: string | string[] | undefined): Challenge | undefined {
  const headers = header === undefined ? [] : [header].flat();
  const parsed = headers.map(parseOne).filter((challenge) => challenge !== undefined);
  return parsed.find(({ scheme }) => scheme === 'bearer') ?? parsed[0];
}

function parseOne(header: string): Challenge | undefined {
  const [, scheme = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(header) ?? [];
  const kind = scheme.toLowerCase();
  if (kind !== 'basic' && kind !== 'bearer') return undefined;
  const values: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of rest.matchAll(parameter)) {
    values[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  }
  const { realm = '', service = '', scope = '', error = '' } = values;
  return { scheme: kind, realm, service, scope, error };
}
