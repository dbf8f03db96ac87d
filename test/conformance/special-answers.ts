import { extract } from 'tar-stream';
import { normalise } from './normalise.ts';

/** What comes more or less often, and sooner or later, from run to run. */
const passing = new Set(['Downloading', 'Extracting', 'Pushing', 'Preparing', 'Waiting', 'Verifying Checksum']);

/** The lines of a progress stream that are the same every time; an answer that is no stream as it is. */
export function readProgress(body: string): unknown {
  const lines = body.split(/\r?\n/).filter((line) => line !== '');
  if (!lines.every((line) => line.startsWith('{'))) return normalise(body);
  const messages = lines.map((line) => normalise(line) as { status?: string });
  const kept = messages.filter(({ status }) => !passing.has(status ?? ''));
  // What is said aside comes sooner or later, too.
  return kept.toSorted((a, b) => Number('aux' in b) - Number('aux' in a));
}

/** The entries of an archive, its JSON documents parsed; an answer that is no archive as it is. */
export async function readTar(body: string): Promise<unknown> {
  if (body.startsWith('{')) return normalise(body);
  const tar = extract();
  tar.end(Buffer.from(body));
  const entries: object[] = [];
  for await (const entry of tar) {
    const content = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)).toString();
    const { name, mode, type, size } = entry.header;
    const mtime = entry.header.mtime?.toISOString();
    entries.push({ name, mode, type, mtime, content: content.startsWith('{') ? JSON.parse(content) : size });
  }
  return entries;
}
