import { InvalidParameterError } from '../../api/errors.ts';

/** daemon.json's registry-mirrors as Docker keeps them: with a slash at the end, each once. */
export function readMirrors(urls: readonly string[]): string[] {
  return [...new Set(urls.map(readMirror))];
}

function readMirror(text: string): string {
  const quoted = JSON.stringify(text);
  const refuse = (why: string) => new InvalidParameterError(`invalid mirror: ${why}`);
  const [scheme] = text.split('://', 1);
  if (!scheme || scheme === text) {
    throw refuse(`no scheme specified for ${quoted}: must use either 'https://' or 'http://'`);
  }
  if (!URL.canParse(text)) throw refuse(`${quoted} is not a valid URI`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse(`unsupported scheme ${JSON.stringify(scheme)} in ${quoted}: must use either 'https://' or 'http://'`);
  }
  if (url.search || url.hash) throw refuse(`query or fragment at end of the URI ${quoted}`);
  if (url.username || url.password) {
    const shown = text.replace(/\/\/[^/]*@/, `//${url.username}:xxxxx@`);
    throw refuse(`username/password not allowed in URI ${JSON.stringify(shown)}`);
  }
  return `${text.replace(/\/$/, '')}/`;
}
