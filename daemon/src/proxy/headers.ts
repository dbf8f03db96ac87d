/** Headers that belong to one connection (RFC 9110 7.6.1); Node frames the message itself. */
const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Raw headers (name, value, name, value, …) without those of the connection; order, case and repeats are kept. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  return pairs(rawHeaders)
    .filter(([name]) => !ofOneConnection.has(name.toLowerCase()))
    .flat();
}

export function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    found.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  }
  return found;
}

export function has(rawHeaders: readonly string[], name: string): boolean {
  return pairs(rawHeaders).some(([candidate]) => candidate.toLowerCase() === name);
}

/** How the body is framed towards the agent: as the client framed it; a request without a body must say so. */
export function bodyFraming(method: string, rawHeaders: readonly string[]): string[] {
  if (has(rawHeaders, 'transfer-encoding')) return ['Transfer-Encoding', 'chunked'];
  if (has(rawHeaders, 'content-length') || method === 'GET' || method === 'HEAD') return [];
  return ['Content-Length', '0'];
}
